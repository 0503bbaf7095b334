/** An npm script that ends up serving, run as a terminal runs it: in a process group of its own. */

import { once } from 'node:events'
import { signalGroup, startProcess } from '../child-processes.ts'
import { newState } from '../server/running-server.ts'

export interface RunningScript {
  readonly pid: number // npm's, and the group's
  readonly exited: Promise<number | null> // exit code
  /** What it has printed so far, on both outputs. */
  output(): string
  /** Resolves with the first match of what it prints. @throws Error with the output where there is none in time, or no more */
  printed(pattern: RegExp, limit: number): Promise<RegExpExecArray>
  /** Whether any process of the group is left. */
  alive(): boolean
  /** Ends whatever is left of the group. */
  kill(): void
}

/** Starts `npm run <script>` in a repository, on loopback, with a state directory of its own and on a free port unless named. */
export function runScript(root: string, script: string, port = 0): RunningScript {
  const child = startProcess('npm', ['run', '--silent', script], {
    cwd: root,
    env: { ...process.env, INKLING_HOST: '127.0.0.1', INKLING_PORT: String(port), INKLING_STATE: newState() },
    outlived: true,
  })
  const pid = child.pid as number
  let text = ''
  const listeners = new Set<() => void>()
  const listen = (part: string) => {
    text += part
    for (const listener of listeners) listener()
  }
  child.stdout.setEncoding('utf8').on('data', listen)
  child.stderr.setEncoding('utf8').on('data', listen)
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return {
    pid,
    exited,
    output: () => text,
    printed: async (pattern, limit) => {
      const signal = AbortSignal.timeout(limit)
      return new Promise((resolve, reject) => {
        const fail = () => reject(new Error(`npm run ${script} printed no ${pattern}: ${text}`))
        const look = () => {
          const found = pattern.exec(text)
          if (found === null) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        signal.addEventListener('abort', fail)
        void exited.then(fail)
        look()
      })
    },
    alive: () => signalGroup(pid, 0),
    kill: () => void signalGroup(pid, 'SIGKILL'),
  }
}
