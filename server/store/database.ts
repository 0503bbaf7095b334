/**
 * One SQLite file through Node's own `node:sqlite`: settings under which committed changes survive a power cut, errors as the
 * answers a client gets, and recovery after storage has failed. The tables are defined elsewhere.
 */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { messageOf } from '../../core/errors.ts'
import { BusyError } from '../http/problem.ts'
import {
  closeQuietly,
  connect,
  type DatabaseOptions,
  endTransaction,
  type OpenWay,
  PATIENCE,
  parameters,
} from './connect.ts'
import { OpenFiles } from './open-files.ts'
import { createStore, rewriteStore } from './rewrite.ts'
import { awaitsLayout, migrate, version } from './schema.ts'
import {
  asideName,
  CANNOT_OPEN,
  CHANGED,
  canWrite,
  checkIntegrity,
  FULL,
  fileStamp,
  freeBytes,
  hasLog,
  isDamage,
  isFull,
  isLocked,
  isUnreadable,
  moveAside,
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

/** Commits after which the log is moved to the file between two of them, so that no commit waits for it: about half of LOG. */
const COMMITS = 96

/** How long after such a commit, ms: its answer is sent first. */
const CHECKPOINT_DELAY = 1000

/** Time after which a read looks at the files again, ms. A change looks each time. */
const LOOK = 1000

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
  readonly #files: OpenFiles
  #looked = 0 // ms, when the files were last looked at
  #lost = false // the file was deleted or replaced, and is not open again
  #damaged = '' // stamp of the file that was found damaged

  /** Called when another file has taken the place of this one, or a new one, so that nothing is known of its rows. */
  readonly onReplaced: (() => void)[] = []

  /**
   * Opens the file, or creates it. A damaged file is renamed, and no new one is created until it has been repaired.
   * @throws Error with a sentence when the storage fails
   */
  constructor(path: string, options: DatabaseOptions) {
    this.path = path
    this.maxBytes = options.maxBytes ?? MAX_BYTES
    this.#options = options
    this.#leastFree = options.leastFree ?? LEAST_FREE
    this.#files = new OpenFiles(path)
    try {
      if (!existsSync(path) && existsSync(asideName(path))) this.#keepAside('it was found damaged before')
      else if (fileStamp(path).size === 0) this.#keepAside('it was cut to 0 bytes')
      else this.#handle = this.#open(true)
    } catch (error) {
      const code = primaryCode(error)
      if (!options.readOnly && code !== undefined && isUnreadable(path)) this.#wait((error as Error).message)
      else if (isDamage(code)) this.#keepAside((error as Error).message)
      else throw new Error(openFailure(path, (error as Error).message, options.readOnly))
    }
  }

  /** Whether the file is damaged, so that nothing can be read or written. */
  get broken(): boolean {
    return this.#broken
  }

  /** Rows of a query. Blobs are Uint8Array. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    this.#lookSometimes()
    return this.#use(() => this.#statement(sql).all(...parameters(sql, values)) as Row[])
  }

  /** The first row of a query. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    this.#lookSometimes()
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
    this.#use(() => this.#look())
    const result = this.#use((database) => {
      if (leastFree > 0 && freeBytes(dirname(this.path)) < leastFree) throw storageFull()
      database.exec('BEGIN IMMEDIATE')
      this.#nested = true
      try {
        const result = work()
        this.#exec('COMMIT')
        this.#look() // a change of files that are not there any more is lost
        return result
      } catch (error) {
        if (this.#handle) endTransaction(this.#handle)
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

  /**
   * Overwrites deleted data, also in the write-ahead log, without waiting for anybody.
   * @returns false where another process reads, so that it has to be done again
   */
  scrub(): boolean {
    return this.#use((database) => {
      database.exec('PRAGMA busy_timeout = 0')
      try {
        const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
        return busy === 0
      } finally {
        database.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
      }
    })
  }

  close(): void {
    clearTimeout(this.#checkpoint)
    this.#checkpoint = undefined
    this.#statements.clear()
    const handle = this.#handle
    this.#handle = undefined
    if (handle) closeQuietly(handle) // where it fails the log stays beside the file and is read at the next start
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
    if (this.#broken && !this.#isMended()) throw storeBroken()
    try {
      if (!this.#handle && this.#nested) throw storageFailed()
      this.#handle ??= this.#reopen()
      return work(this.#handle)
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  #lookSometimes(): void {
    if (!this.#nested && performance.now() - this.#looked > LOOK) this.#use(() => this.#look())
  }

  // Looks at what somebody may have done to the files.
  #look(): void {
    this.#looked = performance.now()
    const change = this.#options.readOnly ? undefined : this.#files.change(this.#handle !== undefined)
    if (change === 'log') this.#saveLog()
    if (change === 'cut') throw this.#keepAside('it was cut while the server ran')
    if (change === undefined || change === 'log') return
    this.#lost = true
    this.close()
    this.#files.removeLog()
    this.#handle = this.#reopen()
  }

  // SQLite still has the log that was deleted: its changes are moved to the file.
  #saveLog(): void {
    const saved = this.#handle?.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number } | undefined
    if (saved?.busy !== 0) throw storageFailed()
    this.close()
    this.#options.warn('the log of the store was deleted while it was in use; what was in it is saved')
  }

  // Refuses whoever finds another file: what he knows is of the one before.
  #reopen(): DatabaseSync {
    const change = this.#options.readOnly ? undefined : this.#files.change(false)
    if (change === 'cut') throw this.#keepAside('it was cut while the server ran')
    if (!this.#lost && change === undefined) return this.#open(false)
    this.#lost = true
    const gone = !existsSync(this.path)
    try {
      this.#options.regain?.(gone)
    } catch (error) {
      throw Object.assign(new Error(messageOf(error)), { errcode: CANNOT_OPEN })
    }
    this.#handle = this.#open(true)
    this.#lost = false
    const found = gone ? 'a new one is made, and what was in it is gone' : 'the one that is there now is used'
    this.#options.warn(change ? `the store was ${change} while the server ran: ${found}` : 'the store is there again')
    for (const changed of this.onReplaced) changed()
    throw CHANGED
  }

  // Whether another file was put in the place of a damaged one.
  #isMended(): boolean {
    const { text } = fileStamp(this.path)
    if (this.#options.readOnly || text === '' || text === this.#damaged) return false
    this.#broken = false
    this.#lost = true
    return true
  }

  // The error for a client. Where that may help, the file is opened again at the next use.
  #refusal(thrown: unknown): unknown {
    let error = thrown
    try {
      if (primaryCode(error) !== undefined && this.#handle && !this.#nested) this.#look()
    } catch (found) {
      error = found
    }
    const code = primaryCode(error)
    let refusal = error
    if (code === FULL) refusal = storageFull()
    else if (isLocked(code)) refusal = storageFailed()
    else if (isDamage(code)) {
      this.#broken = this.#isDamaged()
      refusal = this.#broken ? storeBroken() : storageFailed()
      this.#damaged = fileStamp(this.path).text
    } else if (code !== undefined && STORAGE.includes(code)) {
      refusal = isFull(this.path) ? storageFull() : storageFailed()
      this.close()
    }
    if (refusal instanceof BusyError && refusal !== CHANGED && refusal.code !== this.#trouble) {
      this.#trouble = refusal.code
      const passing = isDamage(code) && !this.#broken ? 'the disk fails to read it' : (error as Error).message
      const cause = error === refusal ? refusal.message : passing
      this.#options.warn(`${refusal.code}: ${cause}; corrections are refused until this changes, the rest goes on`)
      if (this.#broken) this.#options.warn(REPAIR)
    }
    return refusal
  }

  // A passing error of the disk looks the same to SQLite.
  #isDamaged(): boolean {
    this.close()
    if (isUnreadable(this.path)) return false
    try {
      this.#handle = this.#open(true)
      return false
    } catch (error) {
      return isDamage(primaryCode(error)) && !isUnreadable(this.path)
    }
  }

  // Opens the file later: the server starts on a disk that cannot be read now.
  #wait(why: string): void {
    this.#lost = true
    this.#trouble = 'storage_failed'
    this.#options.warn(
      `storage_failed: ${this.path} cannot be read now (${why}); what was learned is used as soon as it can`,
    )
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

  #openAs(way: OpenWay, thorough: boolean): DatabaseSync {
    const { migrations, layout = 0, warn, readOnly: reading = false } = this.#options
    const readOnly = reading || way === 'unchanging'
    const fresh = !existsSync(this.path)
    if (fresh && !readOnly) createStore(this.path, migrations)
    const database = connect(this.path, way, reading, this.maxBytes)
    try {
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
      this.#files.remember()
      return database
    } catch (error) {
      closeQuietly(database)
      throw error
    }
  }

  #keepAside(why: string): BusyError {
    this.#broken = true
    this.#trouble = 'store_broken'
    if (!this.#options.readOnly && existsSync(this.path)) moveAside(this.path)
    this.close()
    this.#damaged = fileStamp(this.path).text
    this.#options.warn(`store_broken: ${why}; the file is kept aside as ${asideName(this.path)}. ${REPAIR}`)
    return storeBroken()
  }
}

const REPAIR =
  'inkling corrections repair, with the server stopped, saves what can be read of it; until then corrections are refused'
