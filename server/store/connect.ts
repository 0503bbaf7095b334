/** A connection of SQLite to the store's file, with the settings under which committed changes survive a power cut. */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

// Size of the write-ahead log at which a commit moves it to the file, bytes; the pages of one transaction come on top.
const LOG = 2_097_152

/** Longest wait for another process, ms: no request is answered meanwhile. */
export const PATIENCE = 250

export interface DatabaseOptions {
  /** Steps of the schema in order, each as SQL. The file stores how many are done. */
  readonly migrations: readonly string[]
  /** The step for which the rows of an existing file are copied into a new one; 0, for none, unless given. */
  readonly layout?: number
  /** Changes that no commit should wait for, made each time the log is moved to the file. */
  readonly upkeep?: () => void
  readonly warn: (message: string) => void
  /** For commands while a server runs. */
  readonly readOnly?: boolean
  /** Largest file, bytes; MAX_BYTES unless given. */
  readonly maxBytes?: number
  /** Bytes; LEAST_FREE unless given. */
  readonly leastFree?: number
  /**
   * Called before the file is opened again where it was deleted or replaced: makes its folder where there is none, and takes its lock.
   * @param gone whether there is no file, so that a new one is made
   */
  readonly regain?: (gone: boolean) => void
}

/** With others, alone because there is no room for what others need, or a file that is only read and does not change. */
export type OpenWay = 'shared' | 'alone' | 'unchanging'

/**
 * @param reading for commands while a server runs
 * @param maxBytes largest file
 * @throws SQLite's errors
 */
export function connect(path: string, way: OpenWay, reading: boolean, maxBytes: number): DatabaseSync {
  const readOnly = reading || way === 'unchanging'
  const place = way === 'unchanging' ? `${pathToFileURL(path)}?immutable=1` : path
  const database = new DatabaseSync(place, { readOnly: readOnly && way !== 'alone', defensive: true }) // which Node 22 ignores
  try {
    database.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
    // its index is in memory, but not where the file is opened for reading only
    if (way === 'alone') database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ${reading ? 'ON' : 'OFF'}`)
    if (!readOnly) database.exec('PRAGMA journal_mode = WAL')
    const { page_size: page } = database.prepare('PRAGMA page_size').get() as { page_size: number }
    if (!readOnly) database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / page)}`)
    // overwrite deleted data; a cache of 1 MiB; no memory map, which would turn a truncated file into a signal
    database.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
      PRAGMA wal_autocheckpoint = ${Math.floor(LOG / page)}; PRAGMA journal_size_limit = ${LOG};
      PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON`)
    return database
  } catch (error) {
    closeQuietly(database)
    throw error
  }
}

/** Closes it where that is possible: another error is more informative. */
export function closeQuietly(database: DatabaseSync): void {
  try {
    database.close()
  } catch {
    // its log stays beside the file
  }
}

/** Values of a statement. Numbered ones, such as ?1, are bound by their names: Node 22.13 binds no others by their places. */
export function parameters(sql: string, values: SQLInputValue[]): [Record<string, SQLInputValue>, ...SQLInputValue[]] {
  if (!/\?\d/.test(sql)) return [{}, ...values]
  return [Object.fromEntries(values.map((value, index) => [`?${index + 1}`, value]))]
}

/** Ends a transaction where SQLite has not done so itself, as on a full disk. */
export function endTransaction(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // no transaction is active
  }
}
