/** The storage below SQLite: what its errors mean, what a client is told, and what the system says of a disk. */

import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { syncFolder } from '../files/durable.ts'
import { BusyError } from '../http/problem.ts'

// Primary result codes of SQLite.
const [BUSY, LOCKED, READ_ONLY, CORRUPT, NOT_A_DATABASE] = [5, 6, 8, 11, 26]
export const [DISK_ERROR, FULL, CANNOT_OPEN] = [10, 13, 14]
export const STORAGE = [7, READ_ONLY, DISK_ERROR, CANNOT_OPEN, 15, 22] // no memory, read-only, input and output, cannot open, protocol, no large files

export const isDamage = (code: number | undefined) => code === CORRUPT || code === NOT_A_DATABASE
export const isLocked = (code: number | undefined) => code === BUSY || code === LOCKED

/** Size of the index of the write-ahead log, bytes. */
const LOG_INDEX = 32_768

const READ = 1_048_576 // bytes, at a time

const [FULL_RETRY, FAILED_RETRY, BROKEN_RETRY] = [60, 10, 3600] // s

/** Name of a damaged file that was renamed. */
export function asideName(path: string): string {
  return `${path}.broken`
}

/** Renames a damaged file and what is beside it. */
export function moveAside(path: string): void {
  for (const part of ['-wal', '-shm', '']) {
    if (existsSync(path + part)) renameSync(path + part, asideName(path) + part)
  }
  syncFolder(dirname(path))
}

/** The size of a file, bytes, and a text that changes when it is written or replaced; undefined and '' where there is none. */
export function fileStamp(path: string): { readonly size: number | undefined; readonly text: string } {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return { size: Number(size), text: `${dev} ${ino} ${size} ${mtimeNs}` }
  } catch {
    return { size: undefined, text: '' }
  }
}

/**
 * Whether the disk fails to read a store or its log: SQLite says of such an error that the file is damaged. Reads all of them.
 */
export function isUnreadable(path: string): boolean {
  const buffer = new Uint8Array(READ)
  for (const part of ['', '-wal']) {
    let file: number | undefined
    try {
      file = openSync(path + part, 'r')
      while (readSync(file, buffer) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EIO') return true
      break // it is not there, or cannot be opened for another reason, which SQLite names
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }
  return false
}

/** Why a store cannot be opened, and what changes that. */
export function openFailure(path: string, message: string, readOnly = false): string {
  if (readOnly) return `cannot_read: ${path} (${message})`
  if (!isFull(path)) return `cannot_write: ${path} (${message})`
  return `storage_full: there is no room for ${path}; delete something on this disk, or --state names a folder on another`
}

/** Whether a disk is full. SQLite does not say why it cannot open a file, and some systems do not report how much is free. */
export function isFull(path: string): boolean {
  const probe = `${path}.probe`
  try {
    writeFileSync(probe, new Uint8Array(LOG_INDEX))
    return false
  } catch (error) {
    return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    try {
      rmSync(probe, { force: true })
    } catch {
      // its folder is no folder any more
    }
  }
}

/** Whether there are changes beside the file. */
export function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** SQLite opens a file without write permission for reading, and reports that only at the first write. */
export function canWrite(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return true
  } catch (error) {
    return primaryCode(error) !== READ_ONLY
  }
}

/** Checks the whole file. Throws as SQLite does of a damaged one. */
export function checkIntegrity(database: DatabaseSync): void {
  const [found] = database.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[]
  if (found?.integrity_check === 'ok') return
  throw Object.assign(new Error('the file is damaged'), { errcode: CORRUPT })
}

/** Free space on the disk of a folder, bytes. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder)
    if (blocks > 0) return bavail * bsize
  } catch {
    // as where it says that there are no blocks at all
  }
  return Infinity // the system does not report it; then writing fails
}

/** SQLite's primary result code, the lowest byte of its extended ones; undefined of other errors. */
export function primaryCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

export function storageFull(): BusyError {
  return new BusyError(503, 'storage_full', 'there is no room left to keep anything; predictions go on', FULL_RETRY)
}

export function storageFailed(): BusyError {
  return new BusyError(503, 'storage_failed', 'the storage does not take this now; predictions go on', FAILED_RETRY)
}

export function storeBroken(): BusyError {
  return new BusyError(503, 'store_broken', 'what is kept here is damaged and waits for repair', BROKEN_RETRY)
}

/** Told to whoever finds that the store was deleted or replaced: what was done for the request was done to the one before. */
export const CHANGED = new BusyError(503, 'storage_failed', 'what is kept here was replaced just now; ask again', 1)
