/** Commands of the bundle on a machine: each is run as a program of its own. */

import { runProcess } from '../../child-processes.ts'
import type { Machine } from '../machines.ts'
import { check, newObserved, type Observed, observe } from './observed.ts'
import { ask, type DrawingRequest } from './requests.ts'
import { startServer } from './running.ts'
import { environmentOf, type Unpacked } from './unpacked.ts'

/** What a command prints. @throws Error where its exit code is not 0 */
export async function runCommand(machine: Machine, unpacked: Unpacked, words: readonly string[]): Promise<string> {
  const [command, ...leading] = machine.command
  const { code, stdout, stderr } = await runProcess(command, [...leading, unpacked.program, ...words], {
    env: environmentOf(unpacked),
  })
  if (code !== 0) throw new Error(`inkling ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout.toString()
}

/**
 * The commands that need no server, and a server that is started without Node's flags.
 * @param picture path of a PNG file
 */
export async function tryCommands(
  machine: Machine,
  unpacked: Unpacked,
  picture: string,
  drawing: DrawingRequest,
): Promise<Observed> {
  const observed = newObserved()
  observe(observed, 'inkling --version', await runCommand(machine, unpacked, ['--version']))
  const predict = ['predict', picture, '--model', 'cnn-small', '--json']
  observe(observed, 'inkling predict', await runCommand(machine, unpacked, predict))

  const bench = ['bench', '--quick', '--only', 'peak,softmax', '--json']
  const { backends } = JSON.parse(await runCommand(machine, unpacked, bench)) as { backends: string[] }
  check(observed, 'backends of inkling bench', backends.toSorted(), machine.backends.toSorted())

  const server = await startServer(machine, unpacked, [], [])
  const { text } = await ask(server, drawing, '?model=cnn-small')
  observe(observed, 'an answer of a server without flags', text)
  if (machine.emulated) {
    const said = server.output()
    check(
      observed,
      'flags to give by hand',
      /give them by hand: node --max-old-space-size=\d+/.test(said) || said,
      true,
    )
  }
  check(observed, 'end of a server without flags, after SIGTERM', await server.stop(), 'exit code 0')
  return observed
}
