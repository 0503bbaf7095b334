/** Copies everything readable from a damaged store to a new one. The damaged file stays, under another name. */

import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { syncFolder } from '../files/durable.ts'
import { sha256Bytes } from '../files/sha256.ts'
import { Database } from './database.ts'
import { MIGRATIONS, RENAMED } from './migrations.ts'
import { PAGE } from './rewrite.ts'
import { NUMBER_SENDERS } from './senders.ts'
import { asideName } from './storage.ts'

const PAGES = [PAGE, 4096] // bytes, of today's layout and of the earlier one
const HEADER = 100 // bytes of the header of an SQLite file
const PARTS = ['', '-wal', '-shm'] as const

/** How much of one table was saved. */
export interface SavedTable {
  readonly table: string
  readonly saved: number // rows
  readonly unreadable: number // rows known to be lost; an unreadable page does not say how many rows it had
}

/**
 * Makes a new store from a damaged one that was renamed. The state directory must be locked.
 * @param now for the new name of the damaged file, ms since 1970
 * @returns undefined when there is no damaged store
 */
export function repairStore(
  path: string,
  now: number,
): { readonly tables: SavedTable[]; readonly kept: string } | undefined {
  const aside = asideName(path)
  if (existsSync(path) || !existsSync(aside)) return undefined
  const [copy, fresh] = [`${path}.reading`, `${path}.new`]
  for (const part of PARTS) for (const file of [copy, fresh]) rmSync(file + part, { force: true })
  for (const part of ['', '-wal']) if (existsSync(aside + part)) copyFileSync(aside + part, copy + part)
  const target = new Database(fresh, { migrations: MIGRATIONS, warn: () => {} })
  target.scrub() // moves its log to the file
  const source = openDamaged(copy, fresh)
  const tables = tablesOf(target).map((table) => copyTable(source, target, table))
  source?.close()
  target.run(NUMBER_SENDERS)
  target.close()
  for (const part of PARTS) rmSync(copy + part, { force: true })

  const kept = `${aside}-${new Date(now).toISOString().replaceAll(/[^0-9TZ]/g, '')}`
  renameSync(fresh, path)
  for (const part of PARTS) if (existsSync(aside + part)) renameSync(aside + part, kept + part)
  syncFolder(dirname(path))
  return { tables, kept }
}

// An invalid header is replaced by that of a new file, which the same program made.
function openDamaged(copy: string, fresh: string): DatabaseSync | undefined {
  for (const page of [0, ...PAGES]) {
    let source: DatabaseSync | undefined
    try {
      if (page > 0) putHeader(copy, fresh, page)
      source = new DatabaseSync(copy)
      if (source.prepare("SELECT name FROM sqlite_schema WHERE name = 'corrections'").get()) return source
    } catch {
      // the next way is tried, if there is one
    }
    source?.close()
  }
  return undefined
}

function putHeader(copy: string, fresh: string, page: number): void {
  const bytes = readFileSync(copy)
  readFileSync(fresh).copy(bytes, 0, 0, HEADER)
  bytes.writeUInt16BE(page, 16) // bytes of a page
  bytes.writeUInt32BE(Math.floor(bytes.length / page), 28) // pages of the file
  bytes.fill(0, 32, 40) // no list of free pages, because the file is only read
  writeFileSync(copy, bytes)
}

// Corrections come before the tables that refer to them.
function tablesOf(target: Database): string[] {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name <> 'corrections'"
  return target.all<{ name: string }>(sql).map(({ name }) => name)
}

function copyTable(source: DatabaseSync | undefined, target: Database, table: string): SavedTable {
  let [saved, unreadable] = [0, 0]
  const take = (row: Record<string, SQLInputValue>) => {
    if (table === 'corrections' && !isWhole(row)) return false
    const names = Object.keys(row).map((name) => RENAMED[table]?.[name] ?? name)
    const places = names.map(() => '?').join(', ')
    try {
      return (
        target.run(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${places})`, ...Object.values(row)) > 0
      )
    } catch {
      return false // rows that the schema forbids were not written by this program
    }
  }
  if (source && !hasTable(source, table)) return { table, saved, unreadable } // a store of an earlier step
  const key = source && rowKey(source, table)
  for (const row of source ? rowsOf(source, table, key) : []) {
    if (row && take(row)) saved++
    else unreadable++
  }
  return { table, saved, unreadable }
}

function hasTable(source: DatabaseSync, table: string): boolean {
  return source.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined
}

// The name of a table's row number; undefined if it has none.
function rowKey(source: DatabaseSync, table: string): string | undefined {
  try {
    source.prepare(`SELECT rowid FROM ${table} LIMIT 0`).all()
    return 'rowid'
  } catch {
    return undefined
  }
}

// Reads row by row, so that a damaged page loses only its own rows; undefined for an unreadable row.
function* rowsOf(source: DatabaseSync, table: string, key: string | undefined) {
  type Row = Record<string, SQLInputValue>
  if (key === undefined) {
    try {
      yield* source.prepare(`SELECT * FROM ${table}`).all() as Row[]
    } catch {
      yield undefined
    }
    return
  }
  for (let at = 0, most = highest(source, table); at < most; ) {
    try {
      const next = source
        .prepare(`SELECT ${key} AS number_ FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`)
        .get(at)
      if (!next) return
      at = Number(next.number_)
      yield source.prepare(`SELECT * FROM ${table} WHERE ${key} = ?`).get(at) as Row | undefined
    } catch {
      at++
      yield undefined
    }
  }
}

function highest(source: DatabaseSync, table: string): number {
  for (const sql of [
    `SELECT rowid AS most FROM ${table} ORDER BY rowid DESC LIMIT 1`,
    `SELECT seq AS most FROM sqlite_sequence WHERE name = '${table}'`,
  ]) {
    try {
      const row = source.prepare(sql).get()
      if (row) return Number(row.most)
    } catch {
      // the other order may work
    }
  }
  return 0
}

// SQLite does not notice changed bytes within a row, but the digest differs.
function isWhole({ input, digest }: Record<string, SQLInputValue>): boolean {
  if (!(input instanceof Uint8Array && digest instanceof Uint8Array)) return false
  return Buffer.compare(sha256Bytes(input), digest) === 0
}
