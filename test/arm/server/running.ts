/** The bundled server as a process on a machine: it is started, asked over HTTP, measured from outside, and ended. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveFlags } from '../../../server/launch.js'
import { startProcess } from '../../child-processes.ts'
import { processorTime } from '../../server/process-usage.ts'
import type { Machine } from '../machines.ts'
import { guestMemory } from '../memory.ts'
import { environmentOf, TOKEN, type Unpacked } from './unpacked.ts'

const START_LIMIT = 120 // s, under emulation on a busy machine
const STOP_LIMIT = 30 // s

export interface Running {
  readonly url: string
  readonly port: number
  /** Processor time of the process so far, user and system, s. */
  processor(): number
  /** What it has printed so far. */
  output(): string
  /** Resident memory, MiB; of an emulated machine only, whose emulator is not counted. */
  memory(): number | undefined
  /** SIGTERM. Returns the exit code, or what ended it. */
  stop(): Promise<string>
  /** SIGKILL. */
  kill(): Promise<void>
}

/**
 * Starts `inkling serve` and waits until it is ready. Node's flags are given by hand, because an emulated Node cannot start itself.
 * @param settings further arguments of `serve`
 * @param flags of Node
 * @throws Error with the server's output when it does not get ready
 */
export async function startServer(
  machine: Machine,
  unpacked: Unpacked,
  settings: readonly string[],
  flags: readonly string[] = serveFlags(machine.emulated ? 'arm' : process.arch),
): Promise<Running> {
  const [command, ...leading] = machine.command
  const serve = [...flags, unpacked.program, 'serve', '--host', '127.0.0.1', '--port', '0', ...settings]
  const child = startProcess(command, [...leading, ...serve], { env: environmentOf(unpacked) })
  const pid = child.pid as number
  unpacked.ends.push(() => child.kill('SIGKILL'))
  const ended = (once(child, 'exit') as Promise<[number | null, string | null]>).then(([code, signal]) => {
    running = false
    return signal ?? `exit code ${code}`
  })
  let running = true
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))

  const end = performance.now() + START_LIMIT * 1000
  let url: string | undefined
  while (!url) {
    const printed = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
    if (printed && (await fetch(`${printed}/readyz`)).ok) url = printed
    else if (!running || performance.now() > end) {
      throw new Error(`the server did not get ready (${running ? 'too late' : await ended}). It said: ${said}`)
    } else await sleep(20)
  }
  return {
    url,
    port: Number(new URL(url).port),
    processor: () => processorTime(pid) / 1000,
    output: () => said,
    memory: () => (machine.emulated ? guestMemory(pid).guest / 2 ** 20 : undefined),
    async stop() {
      child.kill('SIGTERM')
      const ending = await Promise.race([ended, sleep(STOP_LIMIT * 1000, undefined, { ref: false })])
      if (ending === undefined) child.kill('SIGKILL')
      return ending ?? `nothing within ${STOP_LIMIT} s`
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** GET as the owner. */
export async function get<Body>({ url }: Running, path: string): Promise<Body> {
  return (await (await fetch(url + path, { headers: OWNER })).json()) as Body
}

/**
 * POST of JSON as the owner.
 * @throws Error where it is refused
 */
export async function post<Body>({ url }: Running, path: string, body: object): Promise<Body> {
  const headers = { ...OWNER, 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} got ${response.status} ${await response.text()}`)
  return (await response.json()) as Body
}

const OWNER = { authorization: `Bearer ${TOKEN}` }
