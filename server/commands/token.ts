/** `inkling token`: makes a new token for the owner, and prints it or stores it for the server. */

import { Command } from 'commander'
import { writeWhole } from '../files/durable.ts'
import { makeState, stateDirectory } from '../files/state-directory.ts'
import { newToken, tokenFile } from '../http/owner.ts'

export function tokenCommand(): Command {
  return new Command('token')
    .description(
      'Make a token by which the server knows its owner: 32 random bytes. It goes into INKLING_TOKEN, or a file that INKLING_TOKEN_FILE names.',
    )
    .option(
      '--save',
      'write it into the state directory too, in place of an earlier one; serve finds it there at its next start',
    )
    .option('--state <folder>', "state directory (default: INKLING_STATE, else in the user's data directory)")
    .action(({ save, state }: { save?: boolean; state?: string }) => {
      const token = newToken()
      if (save) {
        const file = tokenFile(makeState(stateDirectory(state)))
        writeWhole(file, `${token}\n`)
        console.error(`inkling: written to ${file}`)
      }
      console.log(token)
    })
}
