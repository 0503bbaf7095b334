/** The state directory, with the corrections of this machine and what it has learned. One process at a time writes there. */

import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { dataDirectory } from '../dataset/directory.ts'

const LOCK = 'lock'

/** How long a lock may be empty, ms: only a power cut can come between creating and writing it. */
const UNWRITTEN = 5000

// Locks of this process. A lock with its process number may also be of an earlier process.
const held = new Set<string>()

/** A state directory whose lock this process has. */
export interface State {
  readonly path: string // absolute
  /** Removes the lock, so that another process can take it; the end of this process does so too. Further calls do nothing. */
  release(): void
}

/**
 * The folder that is named, else INKLING_STATE, else `inkling/state` in the user's data folder. INKLING_DATA is not used: data
 * sets are often shared, corrections are not.
 * @returns an absolute path, which need not exist
 */
export function stateDirectory(named = '', env: NodeJS.ProcessEnv = process.env, home?: string): string {
  const chosen = named || env.INKLING_STATE
  if (chosen) return resolve(chosen)
  return join(dataDirectory({ ...env, INKLING_DATA: '' }, home), 'state')
}

/**
 * Makes the state directory where there is none, for this user alone, and takes its lock. A lock whose process has ended, as
 * after a power cut, is replaced.
 * @throws Error with a sentence: cannot_write, already_running
 */
export function openState(path: string): State {
  makeState(path)
  writing(path, () => takeLock(join(path, LOCK)))
  const lock = join(path, LOCK)
  held.add(lock)
  const release = () => {
    process.off('exit', release)
    if (held.delete(lock)) rmSync(lock, { force: true })
  }
  process.on('exit', release)
  return { path, release }
}

/** The running process that has a state directory, `unwritten` while it is being taken; undefined where nobody has it. */
export function stateHolder(path: string): number | 'unwritten' | undefined {
  return readHolder(join(path, LOCK))
}

/**
 * Makes the state directory where there is none, for this user alone.
 * @returns its path
 * @throws Error with a sentence: cannot_write
 */
export function makeState(path: string): string {
  writing(path, () => {
    if (isMainThread) process.umask(0o077)
    makeFolder(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  })
  return path
}

// The mode of an existing folder stays as it is: it may be another user's, and the files in it are for this user alone anyway.
// Node's `recursive` option is not used: it never ends where the system reports that a folder does not exist, as in /proc.
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

function writing(path: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new Error(`cannot_write: the state directory ${path} (${code}); --state names another`)
  }
}

function takeLock(path: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeLock(path)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const pid = readHolder(path)
    if (pid === 'unwritten') break
    if (pid !== undefined) {
      throw new Error(`already_running: process ${pid} has this state directory; --state names another`)
    }
    rmSync(path, { force: true })
  }
  throw new Error('already_running: another process is just taking this state directory')
}

// A hard link to a finished file would appear whole or not at all, but Android allows no hard links.
function writeLock(path: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${process.pid} ${startOf(process.pid) ?? ''}\n`)
    fsyncSync(file)
  } catch (error) {
    rmSync(path, { force: true }) // a full disk: an empty lock would belong to nobody
    throw error
  } finally {
    closeSync(file)
  }
}

// The running process that has a lock; undefined where there is none.
function readHolder(path: string): number | 'unwritten' | undefined {
  let text: string
  let age: number // ms
  try {
    text = readFileSync(path, 'utf8')
    age = Date.now() - statSync(path).mtimeMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const [, digits, start] = /^(\d{1,10}) (\d*)\n$/.exec(text) ?? []
  if (digits === undefined) return age >= 0 && age < UNWRITTEN ? 'unwritten' : undefined
  const pid = Number(digits)
  if (pid === process.pid) return held.has(path) ? pid : undefined
  return isRunning(pid, start) ? pid : undefined
}

// After a restart of the machine another process may have the number: it started at another time, or is another user's.
function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const started = startOf(pid)
  return start === '' || started === undefined || started === start
}

// When a process started, in ticks since the machine's start; undefined where the system does not show it.
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
  } catch {
    return undefined
  }
}
