/** Runs the command line as a user would: `node server/inkling.js ...` in a process of its own. */

import { fileURLToPath } from 'node:url'
import { startProcess } from '../child-processes.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ReturnType<typeof startProcess>
  /** Resolves when the process has ended. */
  readonly finished: Promise<Finished>
  /** Resolves when standard error matches. */
  stderr(pattern: RegExp): Promise<void>
}

/** Starts a command; `environment` is added to the one at hand, undefined takes a variable away. */
export function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = startProcess(process.execPath, ['server/inkling.js', ...words], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
  })
  const output = { stdout: '', stderr: '' }
  const watchers: (() => void)[] = []
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const watcher of watchers) watcher()
    })
  }
  return {
    process: child,
    finished: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output }))),
    stderr: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(output.stderr) && resolve()
        watchers.push(look)
        child.on('close', () => reject(new Error(`ended without ${pattern}: ${output.stderr}`)))
        look()
      }),
  }
}

/** Runs a command to its end. */
export function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return start(words, environment).finished
}
