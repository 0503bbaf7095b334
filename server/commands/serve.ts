/** `inkling serve`: runs the server until a signal ends it. */

import { flushCompileCache } from 'node:module'
import { Command } from 'commander'
import { readConfig, SETTINGS } from '../config.ts'

/** Exit codes after a second signal during shutdown: 128 and the signal's number. */
const IMPATIENT = { SIGTERM: 143, SIGINT: 130 } as const

export function serveCommand(): Command {
  const command = new Command('serve').description('serve the page and the API')
  for (const { flag, variables, initial, meaning } of Object.values(SETTINGS)) {
    const fallback = typeof initial === 'number' ? ` (default: ${initial})` : ''
    command.option(flag, `${meaning} [${variables.join(', ')}]${fallback}`)
  }
  command.addHelpText(
    'after',
    "\nThe owner's token is read from INKLING_TOKEN, else from the file INKLING_TOKEN_FILE, else from the state directory, where\ninkling token --save writes it. Without one, what only the owner may do is off.",
  )
  return command.action(serve)
}

async function serve(flags: Record<string, string | undefined>): Promise<void> {
  const config = readConfig(flags, process.env)
  const { startServer } = await import('../node.ts')
  const running = await startServer(config, (message) => console.error(`inkling: ${message}`))

  let stopping = false
  const stop = (signal: keyof typeof IMPATIENT) => {
    if (stopping) process.exit(IMPATIENT[signal])
    stopping = true
    void running.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  console.log(`Inkling is at ${running.urls.join('\n          and ')}\n${running.summary}`)

  flushCompileCache() // a server may be killed before it would write the cache
}
