/** Runs a program of the system that should answer at once, and kills it with all that it started when it does not. */

import { spawn } from 'node:child_process'

/** Most that is read of an answer, bytes: what these programs print is short. */
const MOST = 65_536

/** How such a program ended. `missing`: it is not there, or this user may not run it. */
export type BriefResult =
  | { readonly kind: 'ended'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'hung' }

/**
 * Runs a program and resolves when it has ended or, after `limit` ms, has been killed. Never rejects. The program gets a process
 * group of its own: one that is a shell script leaves its children running when only it is killed.
 */
export function runBriefly(
  program: string,
  args: readonly string[],
  limit: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<BriefResult> {
  return new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    let timer: NodeJS.Timeout | undefined
    const end = (result: BriefResult) => {
      clearTimeout(timer)
      resolve(result)
    }
    try {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env })
      child.on('error', () => end({ kind: 'missing' }))
      child.on('close', (code) => end({ kind: 'ended', code, stdout, stderr }))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (stdout.length < MOST) stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (stderr.length < MOST) stderr += text
      })
      timer = setTimeout(() => {
        end({ kind: 'hung' })
        child.stdout.destroy()
        child.stderr.destroy()
        child.unref() // one that cannot be killed must not keep this process either
        if (child.pid !== undefined) killGroup(child.pid)
      }, limit)
    } catch {
      end({ kind: 'missing' }) // the system lets no process start
    }
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}
