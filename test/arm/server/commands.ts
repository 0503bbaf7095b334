/** Commands of the bundle on a machine: each is run as a program of its own. */

import { runProcess } from '../../child-processes.ts'
import type { Machine } from '../machines.ts'
import { check, newObserved, type Observed, observe } from './observed.ts'
import { ask, type DrawingRequest } from './requests.ts'
import { startServer } from './running.ts'
import { environmentOf, type Unpacked } from './unpacked.ts'

/** What `serve` says where Node cannot start itself to get them. */
const GIVE_BY_HAND = /^inkling: Node cannot start itself here .* give them by hand: node --max-old-space-size=\d+ /m

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
  log: (line: string) => void,
): Promise<Observed> {
  const observed = newObserved()
  const version = await runCommand(machine, unpacked, ['--version'])
  log(`inkling --version: ${version.trim()}`)
  observe(observed, 'inkling --version', version)
  const predict = ['predict', picture, '--model', 'cnn-small', '--json']
  const prediction = await runCommand(machine, unpacked, predict)
  check(observed, 'digit of inkling predict', (JSON.parse(prediction) as { digit: number }).digit, drawing.label)
  observe(observed, 'inkling predict', prediction)
  log(`inkling predict: ${drawing.label}, as drawn`)

  const bench = ['bench', '--quick', '--only', 'peak,softmax', '--json']
  const { backends } = JSON.parse(await runCommand(machine, unpacked, bench)) as { backends: string[] }
  check(observed, 'columns of inkling bench', backends.toSorted(), [...machine.backends, 'plain'].toSorted())
  log(`inkling bench --quick: ${backends.join(', ')}`)

  const server = await startServer(machine, unpacked, [], [])
  const { text } = await ask(server, drawing, '?model=cnn-small')
  observe(observed, 'an answer of a server without flags', text)
  log(`inkling serve without flags: ready after ${server.processor().toFixed(2)} s of processor time`)
  if (machine.emulated) {
    const said = server.output()
    check(observed, 'flags to give by hand', GIVE_BY_HAND.test(said) || said, true)
    check(observed, 'whether it names --no-maglev', said.includes('--no-maglev'), true)
  }
  check(observed, 'end of a server without flags, after SIGTERM', await server.stop(), 'exit code 0')
  return observed
}
