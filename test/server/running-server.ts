/** A real server in a process of its own, for tests that need sockets, signals or its memory from outside. */

import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../child-processes.ts'

const CLI = fileURLToPath(new URL('../../server/inkling.js', import.meta.url))

/** How long a server may take to say where it is, ms: on a busy machine too far more than it needs. */
const PATIENCE = 120_000

/** A state directory of its own, for one process at a time may have one. */
export function newState(): string {
  return mkdtempSync(join(tmpdir(), 'inkling-state-'))
}

export interface RunningServer {
  readonly url: string // http://localhost:<port>
  readonly port: number
  readonly pid: number
  /** Sends a signal, SIGTERM unless named, and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number>
  /** What it has printed so far, on both outputs. */
  output(): string
}

/**
 * Starts `inkling serve` on a free port and waits until it listens.
 * @param env settings on top of this process's environment
 * @param command program and arguments that start `inkling`; this Node and the repository's unless given
 * @throws Error with the server's output when it ends or says nothing
 */
export async function startServer(
  env: Readonly<Record<string, string>> = {},
  [program, ...args]: readonly string[] = [process.execPath, CLI],
  cwd = process.cwd(),
): Promise<RunningServer> {
  const child = startProcess(program, [...args, 'serve'], {
    cwd,
    env: { ...process.env, HOST: '', PORT: '', INKLING_PORT: '0', INKLING_STATE: newState(), ...env },
  })
  const exited = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as string))
  let printed = ''
  const port = await new Promise<number>((resolve, reject) => {
    const listen = (text: string) => {
      printed += text
      const found = /http:\/\/[^\s/]+:(\d+)\S*\s[\s\S]*\nbackend /.exec(printed)
      if (found) resolve(Number(found[1]))
    }
    child.stdout.setEncoding('utf8').on('data', listen)
    child.stderr.setEncoding('utf8').on('data', listen)
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${printed}`)))
    setTimeout(() => reject(new Error(`the server does not listen: ${printed}`)), PATIENCE).unref()
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url: `http://localhost:${port}`,
    port,
    pid: child.pid as number,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      return Number(await exited)
    },
    output: () => printed,
  }
}
