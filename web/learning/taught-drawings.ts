/**
 * The drawings that a visitor taught, in the order in which they did: kept in this browser's IndexedDB, the last MOST of them. Where
 * it is blocked, as in some private windows, they are kept in memory until the page is closed.
 */

import { PIXELS } from '../../core/data/dataset.ts'
import type { Lesson } from '../../core/learning/personal.ts'
import { NOT_A_DIGIT } from '../../core/learning/round.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'

/** Most drawings that are kept: all of them are learned from anew each time. */
export const MOST = 200

const DATABASE = 'inkling'
const VERSION = 1
const STORE = 'taught'

/** ms until a database that neither opens nor fails counts as blocked. */
const PATIENCE = 3000

interface Row {
  readonly number: number // ms since 1970 or the next whole number: another for each, also from two tabs, and in their order
  readonly preprocess: number // version of the preprocessing that made the input
  readonly input: Uint8Array
  readonly label: number
}

export class TaughtDrawings {
  #rows: Row[] = []
  #database: IDBDatabase | undefined
  #writes: Promise<unknown> = Promise.resolve()

  /** Whether they stay when the page is closed. */
  get kept(): boolean {
    return this.#database !== undefined
  }

  /** In the order in which they were taught. */
  get lessons(): readonly Lesson[] {
    return this.#rows
  }

  /** Reads what was kept. Those that were taught meanwhile follow. */
  async load(): Promise<void> {
    const database = await open().catch(() => undefined)
    const all = database && (await readAll(database).catch(() => undefined))
    if (!all) return
    this.#database = database
    // closes it for a newer page in another tab
    database.onversionchange = () => {
      this.#database = undefined
      database.close()
    }
    const early = this.#rows
    this.#rows = all.filter(isUsable)
    for (const { input, label } of early) this.add(input, label)
    this.#write((store) => {
      for (const row of all) if (!isUsable(row)) store.delete(row.number)
    })
  }

  /** Reads again what another tab may have changed; whether it has. */
  async refresh(): Promise<boolean> {
    await this.#writes
    const rows = this.#rows
    const all = this.#database && (await readAll(this.#database).catch(() => undefined))
    if (!all || this.#rows !== rows) return false
    const usable = all.filter(isUsable)
    if (numbers(usable) === numbers(rows)) return false
    this.#rows = usable
    return true
  }

  /** Adds a drawing, in place of the same one with another label. */
  add(input: Uint8Array, label: number): void {
    this.remove(input)
    this.#put(input, label)
  }

  /** Whether that drawing was taught. */
  has(input: Uint8Array): boolean {
    return this.#rows.some((row) => same(row.input, input))
  }

  remove(input: Uint8Array): void {
    this.#drop(this.#rows.filter((row) => same(row.input, input)))
  }

  clear(): void {
    this.#rows = []
    this.#write((store) => store.clear())
  }

  /** Resolves when what was done is written, or cannot be. */
  async written(): Promise<void> {
    await this.#writes
  }

  #put(input: Uint8Array, label: number): void {
    const last = this.#rows[this.#rows.length - 1]?.number ?? 0
    const row: Row = {
      number: Math.max(last + 1, Date.now()),
      preprocess: PREPROCESS_VERSION,
      input: input.slice(),
      label,
    }
    this.#rows = [...this.#rows, row]
    this.#write((store) => store.put(row))
    if (this.#rows.length > MOST) this.#drop(this.#rows.slice(0, -MOST))
  }

  #drop(rows: readonly Row[]): void {
    if (rows.length === 0) return
    this.#rows = this.#rows.filter((row) => !rows.includes(row))
    this.#write((store) => {
      for (const { number } of rows) store.delete(number)
    })
  }

  // A write that fails, as on a full disk, leaves what is in memory: the visitor's answers are those they taught until the page closes.
  #write(change: (store: IDBObjectStore) => void): void {
    const database = this.#database
    if (!database) return
    try {
      const transaction = database.transaction(STORE, 'readwrite')
      change(transaction.objectStore(STORE))
      const written = new Promise<void>((resolve) => {
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => {
          this.#database = undefined
          resolve()
        }
      })
      this.#writes = this.#writes.then(() => written)
    } catch {
      this.#database = undefined
    }
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, VERSION)
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(new Error('the database neither opens nor fails'))
    }, PATIENCE)
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'number' })
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      clearTimeout(timer)
      if (late) opening.result.close()
      else resolve(opening.result)
    }
  })
}

function readAll(database: IDBDatabase): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const request: IDBRequest<Row[]> = database.transaction(STORE).objectStore(STORE).getAll()
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function isUsable({ preprocess, input, label }: Row): boolean {
  const drawing = input instanceof Uint8Array && input.length === PIXELS
  return preprocess === PREPROCESS_VERSION && drawing && Number.isInteger(label) && label >= 0 && label <= NOT_A_DIGIT
}

function numbers(rows: readonly Row[]): string {
  return rows.map(({ number }) => number).join()
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
