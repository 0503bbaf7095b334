/**
 * One SQLite file through Node's own `node:sqlite`: settings under which committed changes survive a power cut, errors as the
 * answers a client gets, and recovery after storage has failed. The tables are defined elsewhere.
 */

import { existsSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { syncFolder } from '../files/durable.ts'
import { BusyError } from '../http/problem.ts'
import { PAGE, rewriteStore } from './rewrite.ts'
import { awaitsLayout, migrate, version } from './schema.ts'
import {
  BUSY,
  CORRUPT,
  canWrite,
  checkIntegrity,
  FULL,
  freeBytes,
  hasLog,
  isFull,
  LOCKED,
  NOT_A_DATABASE,
  openFailure,
  primaryCode,
  STORAGE,
  storageFailed,
  storageFull,
  storeBroken,
} from './storage.ts'

/** Largest file, bytes. */
const MAX_BYTES = 33_554_432

/** Free space below which nothing is written, bytes. */
const LEAST_FREE = 67_108_864

// Size of the write-ahead log at which a commit moves it to the file, bytes; the pages of one transaction come on top.
const LOG = 2_097_152

/** Commits after which the log is moved to the file between two of them, so that no commit waits for it: about half of LOG. */
const COMMITS = 96

/** How long after such a commit, ms: its answer is sent first. */
const CHECKPOINT_DELAY = 1000

const PATIENCE = 250 // ms, longest wait for another process: no request is answered meanwhile

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
}

/**
 * The open file. Instead of SQLite's errors its methods throw BusyError 503: storage_full, storage_failed, or store_broken
 * when the file is damaged. After the first two it works again as soon as the storage does, without a restart.
 */
export class Database {
  readonly path: string
  readonly maxBytes: number
  readonly #options: DatabaseOptions
  readonly #leastFree: number // bytes
  readonly #statements = new Map<string, StatementSync>()
  #handle: DatabaseSync | undefined
  #broken = false
  #nested = false // inside a transaction
  #commits = 0 // since the log was last moved to the file
  #checkpoint: NodeJS.Timeout | undefined
  #unwritable = false // opened while nothing could be written, for reading only
  #trouble = '' // code of the last refusal, until something works again

  /**
   * Opens the file, or creates it. A damaged file is renamed, and no new one is created until it has been repaired.
   * @throws Error with a sentence when the storage fails
   */
  constructor(path: string, options: DatabaseOptions) {
    this.path = path
    this.maxBytes = options.maxBytes ?? MAX_BYTES
    this.#options = options
    this.#leastFree = options.leastFree ?? LEAST_FREE
    try {
      if (!existsSync(path) && existsSync(asideName(path))) this.#keepAside('it was found damaged before')
      else this.#handle = this.#open(true)
    } catch (error) {
      const code = primaryCode(error)
      if (code === CORRUPT || code === NOT_A_DATABASE) this.#keepAside((error as Error).message)
      else throw new Error(openFailure(path, (error as Error).message, options.readOnly))
    }
  }

  /** Whether the file is damaged, so that nothing can be read or written. */
  get broken(): boolean {
    return this.#broken
  }

  /** Rows of a query. Blobs are Uint8Array. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#use(() => this.#statement(sql).all(...parameters(sql, values)) as Row[])
  }

  /** The first row of a query. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#use(() => this.#statement(sql).get(...parameters(sql, values)) as Row | undefined)
  }

  /** Changes rows, in a transaction of its own outside of `transaction`. Returns how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.transaction(() => this.#use(() => Number(this.#statement(sql).run(...parameters(sql, values)).changes)))
  }

  /**
   * Makes the changes of `work` completely or, when it throws, not at all. They are on disk when this returns. A transaction
   * inside another is part of that one.
   * @param leastFree free space needed, bytes; 0 if the change frees space
   */
  transaction<Result>(work: () => Result, leastFree = this.#leastFree): Result {
    if (this.#nested) return work()
    if (this.#unwritable) this.close() // it may be writable by now
    const result = this.#use((database) => {
      if (leastFree > 0 && freeBytes(dirname(this.path)) < leastFree) throw storageFull()
      database.exec('BEGIN IMMEDIATE')
      this.#nested = true
      try {
        const result = work()
        this.#exec('COMMIT')
        return result
      } catch (error) {
        if (this.#handle) rollBack(this.#handle)
        throw error
      } finally {
        this.#nested = false
      }
    })
    if (this.#trouble !== '' && leastFree >= this.#leastFree) this.#works()
    if (++this.#commits >= COMMITS) this.#checkpoint ??= setTimeout(() => this.#moveLog(), CHECKPOINT_DELAY).unref()
    return result
  }

  /** Bytes of the file that are in use. */
  usedBytes(): number {
    const number = (name: string) => Object.values(this.get<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0] ?? 0
    return (number('page_count') - number('freelist_count')) * number('page_size')
  }

  /** Overwrites deleted data, also in the write-ahead log. While another process reads, this has to wait for the next call. */
  scrub(): void {
    this.#use((database) => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
  }

  close(): void {
    clearTimeout(this.#checkpoint)
    this.#checkpoint = undefined
    this.#statements.clear()
    const handle = this.#handle
    this.#handle = undefined
    try {
      handle?.close()
    } catch {
      // the log stays beside the file and is read at the next start
    }
  }

  // The commit after it writes the head of the log anew and syncs it twice: that is one without a change.
  #moveLog(): void {
    this.#checkpoint = undefined
    this.#commits = 0
    try {
      const { upkeep } = this.#options
      if (upkeep) this.transaction(upkeep)
      this.#use((database) =>
        database.exec(`PRAGMA wal_checkpoint(PASSIVE); PRAGMA user_version = ${version(database)}`),
      )
    } catch {
      // it has been reported, and the next commits try again
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = (this.#handle as DatabaseSync).prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #exec(sql: string): void {
    if (!this.#handle) throw storageFailed() // an error that `work` caught has closed it
    this.#handle.exec(sql)
  }

  // A successful read does not prove it: a full disk can still be read.
  #works(): void {
    this.#trouble = ''
    this.#options.warn('the store works again')
  }

  #use<Result>(work: (database: DatabaseSync) => Result): Result {
    if (this.#broken) throw storeBroken()
    try {
      if (!this.#handle && this.#nested) throw storageFailed()
      this.#handle ??= this.#open(false)
      return work(this.#handle)
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  // The error for a client. Where that may help, the file is opened again at the next use.
  #refusal(error: unknown): unknown {
    const code = primaryCode(error)
    let refusal = error
    if (code === FULL) refusal = storageFull()
    else if (code === BUSY || code === LOCKED) refusal = storageFailed()
    else if (code === CORRUPT || code === NOT_A_DATABASE) {
      refusal = storeBroken()
      this.#broken = true
      this.close()
    } else if (code !== undefined && STORAGE.includes(code)) {
      refusal = isFull(this.path) ? storageFull() : storageFailed()
      this.close()
    }
    if (refusal instanceof BusyError && refusal.code !== this.#trouble) {
      this.#trouble = refusal.code
      const cause = error === refusal ? refusal.message : (error as Error).message
      this.#options.warn(`${refusal.code}: ${cause}; corrections are refused until this changes, the rest goes on`)
      if (this.#broken) this.#options.warn(REPAIR)
    }
    return refusal
  }

  // A full disk has no room for the index of the log, which processes share. Then the file is opened for reading only, so that
  // the server answers with what it has learned, and in the usual way again when something is to be written.
  #open(thorough: boolean): DatabaseSync {
    try {
      return this.#openAs('shared', thorough)
    } catch (error) {
      if (!STORAGE.includes(primaryCode(error) ?? 0) || !existsSync(this.path)) throw error
      try {
        return this.#openAs('alone', thorough)
      } catch {
        // the system has no room for an empty log either
        if (!hasLog(this.path)) return this.#openAs('unchanging', thorough)
        throw error
      }
    }
  }

  #openAs(way: 'shared' | 'alone' | 'unchanging', thorough: boolean): DatabaseSync {
    const { migrations, layout = 0, warn, readOnly: reading = false } = this.#options
    const readOnly = reading || way === 'unchanging'
    const fresh = !existsSync(this.path)
    const place = way === 'unchanging' ? `${pathToFileURL(this.path)}?immutable=1` : this.path
    const database = new DatabaseSync(place, { readOnly: readOnly && way !== 'alone', defensive: true }) // which Node 22 ignores
    try {
      database.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
      // its index is in memory, but not where the file is opened for reading only
      if (way === 'alone')
        database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ${reading ? 'ON' : 'OFF'}`)
      database.exec(`PRAGMA page_size = ${PAGE}`) // of a new file
      if (!readOnly) database.exec('PRAGMA journal_mode = WAL')
      const { page_size: page } = database.prepare('PRAGMA page_size').get() as { page_size: number }
      if (!readOnly) database.exec(`PRAGMA max_page_count = ${Math.floor(this.maxBytes / page)}`)
      // overwrite deleted data; a cache of 1 MiB; no memory map, which would turn a truncated file into a signal
      database.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
        PRAGMA wal_autocheckpoint = ${Math.floor(LOG / page)}; PRAGMA journal_size_limit = ${LOG};
        PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON`)
      if (thorough && !fresh) checkIntegrity(database)
      migrate(database, migrations, layout, readOnly)
      if (thorough && way === 'shared' && !reading && awaitsLayout(database, layout)) {
        database.close()
        try {
          rewriteStore(this.path, migrations, this.#leastFree)
        } catch (error) {
          warn(`the store is not rewritten now, and writes more than it must: ${(error as Error).message}`)
        }
        return this.#open(false)
      }
      this.#unwritable = !reading && (way !== 'shared' || !canWrite(database))
      if (fresh) syncFolder(dirname(this.path))
      return database
    } catch (error) {
      try {
        database.close()
      } catch {
        // the first error is more informative
      }
      throw error
    }
  }

  #keepAside(why: string): void {
    this.#broken = true
    this.#trouble = 'store_broken'
    if (!this.#options.readOnly && existsSync(this.path)) {
      for (const part of ['-wal', '-shm', '']) {
        if (existsSync(this.path + part)) renameSync(this.path + part, asideName(this.path) + part)
      }
      syncFolder(dirname(this.path))
    }
    this.#options.warn(`store_broken: ${why}; the file is kept aside as ${asideName(this.path)}. ${REPAIR}`)
  }
}

const REPAIR =
  'inkling corrections repair, with the server stopped, saves what can be read of it; until then corrections are refused'

/** Name of a damaged file that was renamed. */
export function asideName(path: string): string {
  return `${path}.broken`
}

// Numbered ones, such as ?1, are bound by their names: Node 22.13 binds no others by their places.
function parameters(sql: string, values: SQLInputValue[]): [Record<string, SQLInputValue>, ...SQLInputValue[]] {
  if (!/\?\d/.test(sql)) return [{}, ...values]
  return [Object.fromEntries(values.map((value, index) => [`?${index + 1}`, value]))]
}

// Where SQLite has not done so itself, as on a full disk.
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // no transaction is active
  }
}
