/**
 * Every process that tests start, each in a process group of its own. A guard process kills the groups that are left over when
 * the thread that started them ends, however it ends: its file is done, it hung and was given up, or vitest itself was killed.
 */

import { type ChildProcessWithoutNullStreams, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import type { Writable } from 'node:stream'

export interface Finished {
  /** Exit code, or null after a signal. */
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Process ids of the running children; each is also the id of its group. */
const running = new Set<number>()

let guard: Writable | undefined

// Reads `+ PID` and `- PID`; at the end of its input, which comes with the end of the thread, it kills what is left.
const GUARD = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done`

function tellGuard(sign: '+' | '-', pid: number): void {
  if (!guard) {
    // in a group of its own too: a Ctrl-C that ends vitest must not end the guard first
    const child = spawn('sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    child.unref()
    guard = child.stdin as Writable
    guard.on('error', () => {}) // the guard can only have ended because this process is ending
    ;(guard as unknown as { unref(): void }).unref()
  }
  guard.write(`${sign} ${pid}\n`)
}

/** Folder and environment of a program; those of this process unless given. */
export interface Surroundings extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Leaves alone what outlives the program in its group, until this thread ends. */
  readonly outlived?: boolean
}

/** Starts a program with pipes for its input and outputs. What it leaves running in its group ends with it, unless `outlived`. */
export function startProcess(
  program: string,
  args: readonly string[],
  { outlived = false, ...surroundings }: Surroundings = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(program, args, { ...surroundings, stdio: 'pipe', detached: true })
  const { pid } = child
  if (pid === undefined) return child // it emits 'error'
  running.add(pid)
  tellGuard('+', pid)
  child.on('exit', () => {
    const left = signalGroup(pid, outlived ? 0 : 'SIGKILL')
    if (outlived && left) return
    running.delete(pid)
    tellGuard('-', pid)
  })
  return child
}

/** Runs a program to its end, with `input` on its standard input. Rejects only where it cannot be started. */
export function runProcess(
  program: string,
  args: readonly string[],
  { input = '', ...surroundings }: Surroundings & { readonly input?: string | Uint8Array } = {},
): Promise<Finished> {
  const child = startProcess(program, args, surroundings)
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (part: Buffer) => parts[name].push(part))
  child.stdin.on('error', () => {}) // it need not read its input
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) })
    })
  })
}

/** Runs a small tool of the system, such as mount, and waits for it: at most 20 s. False where it fails or is missing. */
export function runTool(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 20_000, killSignal: 'SIGKILL' }).status === 0
}

/** The children that are running now. */
export function runningChildren(): ReadonlySet<number> {
  return new Set(running)
}

/** Kills the running children, with all that they started, except those of `spared`. */
export function killChildren(spared: ReadonlySet<number> = new Set()): void {
  for (const pid of running) if (!spared.has(pid)) signalGroup(pid, 'SIGKILL')
}

/** Signals a child and all that it started. False where nobody of them is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}
