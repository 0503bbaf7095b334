/** `inkling serve` for commander: its help, and its refusals of wrong options. */

import { Command } from 'commander'
import { settingOptions } from '../config.ts'
import { runServer } from './run-server.ts'

export function serveCommand(): Command {
  const command = new Command('serve').description('serve the page and the API')
  for (const [flag, description] of settingOptions()) command.option(flag, description)
  command.addHelpText(
    'after',
    "\nThe owner's token is read from INKLING_TOKEN, else from the file INKLING_TOKEN_FILE, else from the state directory, where\ninkling token --save writes it. Without one, what only the owner may do is off.",
  )
  return command.action(runServer)
}
