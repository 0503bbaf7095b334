/** The state directory, with the corrections of this machine and what it has learned. One process at a time writes there. */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'
import { dataDirectory } from '../dataset/directory.ts'
import { expandHome } from './home.ts'
import { pathVariable } from './variables.ts'

/** The file that is locked: always empty, and kept, so that a full disk need not hold another one. */
const LOCK = 'lock.db'

/** The file that says which process has the lock: for people, and for this program before it had LOCK. */
const HOLDER = 'lock'

/** Result code of SQLite for a lock that another has. */
const BUSY = 5

interface Lock {
  readonly handle: DatabaseSync
  readonly file: string // device and number of its file
  readonly disk: bigint // device of the folder
}

// Locks of this process, by the path of their state directory.
const held = new Map<string, Lock>()

/** A state directory whose lock this process has. */
export interface State {
  readonly path: string // absolute
  /**
   * Makes the folder again where somebody has deleted it, and takes the lock of the one that is there. To be called before a file is
   * opened in it anew.
   * @param gone whether nothing of what it held is there: then it must be on the disk on which it was
   * @throws Error with a sentence, as `openState`
   */
  regain(gone: boolean): void
  /** Removes the lock, so that another process can take it; the end of this process does so too. Further calls do nothing. */
  release(): void
}

/**
 * The folder that is named, else INKLING_STATE, else `inkling/state` in the user's data folder. INKLING_DATA is not used: data
 * sets are often shared, corrections are not.
 * @returns an absolute path, which need not exist
 */
export function stateDirectory(named = '', env: NodeJS.ProcessEnv = process.env, home?: string): string {
  const chosen = expandHome(named) || pathVariable(env, 'INKLING_STATE')
  if (chosen) return resolve(chosen)
  return join(dataDirectory({ ...env, INKLING_DATA: '' }, home), 'state')
}

/**
 * Makes the state directory where there is none, for this user alone, and takes its lock.
 * @throws Error with a sentence: cannot_write, storage_full, already_running
 */
export function openState(path: string): State {
  makeState(path)
  const holder = join(path, HOLDER)
  const take = () =>
    writing(path, () => {
      takeLock(path)
      writeHolder(holder)
    })
  take()
  const release = () => {
    process.off('exit', release)
    const lock = held.get(path)
    if (!held.delete(path)) return
    if (identityOf(join(path, LOCK)) === lock?.file) rmSync(holder, { force: true })
    lock?.handle.close()
  }
  const regain = (gone: boolean) => {
    const lock = held.get(path)
    if (!lock || identityOf(join(path, LOCK)) === lock.file) return
    if (gone && diskOf(path) !== lock.disk) {
      throw new Error(
        `cannot_write: the disk of the state directory ${path} is not there; it is used again when it is back`,
      )
    }
    makeState(path)
    held.delete(path)
    try {
      take()
      lock.handle.close()
    } catch (error) {
      held.set(path, lock)
      throw error
    }
  }
  process.on('exit', release) // of a server that a signal ends while it starts
  return { path, regain, release }
}

// Numbers of files may have 64 bits.
function identityOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev} ${stats.ino}` : ''
}

// The device of a folder, or of the nearest one above it that is there.
function diskOf(path: string): bigint {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.dev ?? diskOf(dirname(path))
}

/**
 * The process that has a state directory, as a number or, where the system does not show it, `unknown`; undefined where nobody
 * has it. Takes nothing and writes nothing.
 * @throws Error of the system or of SQLite where the lock cannot be read
 */
export function stateHolder(path: string): number | 'unknown' | undefined {
  if (held.has(path)) return process.pid // and to close the file would give the lock away
  const holder = readHolder(join(path, HOLDER))
  const file = join(path, LOCK)
  if (!existsSync(file)) return holder
  const lock = new DatabaseSync(file, { readOnly: true })
  try {
    lock.prepare('SELECT 1 FROM sqlite_schema').get()
    return holder
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== BUSY) throw error
    return holder ?? 'unknown'
  } finally {
    lock.close()
  }
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
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new Error(
        `storage_full: there is no room for the state directory ${path} (${code}); delete something on this disk, or --state names a folder on another`,
      )
    }
    throw new Error(`cannot_write: the state directory ${path} (${code}); --state names another`)
  }
}

// The system takes the lock back when the process ends, however it ends. Neither the number of a process, which another may have
// after a restart, nor the clock, which jumps, nor /proc, which Android may hide, decides who has it.
function takeLock(path: string): void {
  const file = join(path, LOCK)
  if (held.has(path)) throw alreadyRunning(process.pid)
  // not by SQLite, which would not say why it cannot; to close a file that is there would give this process's lock away
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file)
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    const pid = readHolder(join(path, HOLDER))
    if (pid !== undefined) throw alreadyRunning(pid)
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== BUSY) throw error
    throw alreadyRunning(readHolder(join(path, HOLDER)))
  }
  held.set(path, { handle: lock, file: identityOf(file), disk: diskOf(path) })
}

function alreadyRunning(pid: number | undefined): Error {
  const which = pid === undefined ? 'another process' : `process ${pid}`
  return new Error(`already_running: ${which} has this state directory; --state names another`)
}

function writeHolder(path: string): void {
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { mode: 0o600 })
  } catch {
    // on a full disk nobody can read it; the lock holds
  }
}

// The running process that says it has the lock; undefined where there is none, or where that cannot be known.
function readHolder(path: string): number | undefined {
  const text = readText(path)
  const [, pid, start] = /^(\d{1,10}) (\d+)\n$/.exec(text) ?? []
  const running = start !== undefined && Number(pid) !== process.pid && startOf(Number(pid)) === start
  return running ? Number(pid) : undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

// When a process started, in ticks since the machine's start; undefined where the system does not show it.
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
  } catch {
    return undefined
  }
}
