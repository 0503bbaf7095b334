/**
 * Copies a store into a new file with pages of another size and other indexes, which then takes its place. Killed at any moment it
 * leaves the old file or the new one, whole.
 */

import { existsSync, rmSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { moveWhole } from '../files/durable.ts'

/**
 * Size of a page, bytes. A commit writes every page that it changes, and a correction changes a few bytes in each of many: with
 * SQLite's usual 4096 that is five times as much. As before, a write must not damage the bytes beside it when the power fails
 * (sqlite.org/psow.html).
 */
export const PAGE = 512

/**
 * Makes a new store, which is whole when it has its name: a file of 0 bytes is one that was cut.
 * @throws SQLite's errors, errors of the file system
 */
export function createStore(path: string, migrations: readonly string[]): void {
  const made = `${path}.first`
  removeStore(made)
  const store = new DatabaseSync(made)
  try {
    store.exec(`PRAGMA page_size = ${PAGE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      BEGIN; ${migrations.join(';')}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } finally {
    store.close()
  }
  for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true }) // of one that is gone
  moveWhole(made, path)
}

/**
 * @param path of a store that nothing has open
 * @param migrations steps of the schema of the new file; the old one has the same tables and columns
 * @param leastFree free space that must be left, bytes
 * @throws Error where there is no room, another process reads the store, or the copy fails; the old file is as it was
 */
export function rewriteStore(path: string, migrations: readonly string[], leastFree: number): void {
  const copy = `${path}.new`
  removeStore(copy)
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    if (bavail * bsize < leastFree + 2 * statSync(path).size) throw new Error('there is not enough free space')
    fill(copy, path, migrations)
    // pages in this log would be put into the new file
    if (existsSync(`${path}-wal`)) throw new Error('another program reads it')
    moveWhole(copy, path)
  } catch (error) {
    removeStore(copy)
    throw error
  }
}

// Neither journal nor log: until it is renamed, the copy is worth nothing.
function fill(copy: string, path: string, migrations: readonly string[]): void {
  const target = new DatabaseSync(copy, { defensive: true, enableForeignKeyConstraints: false })
  try {
    target.exec(`PRAGMA page_size = ${PAGE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      ${migrations.join(';')}; PRAGMA user_version = ${migrations.length}`)
    target.prepare('ATTACH ? AS old').run(path)
    const tables = target
      .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all() as { name: string }[]
    target.exec('BEGIN')
    for (const { name } of tables) {
      const columns = target.prepare(`PRAGMA old.table_info(${name})`).all() as { name: string }[]
      const names = columns.map((column) => column.name).join(', ')
      target.exec(`INSERT INTO main.${name} (${names}) SELECT ${names} FROM old.${name}`)
    }
    // numbers of deleted rows are not given again
    target.exec(`DELETE FROM main.sqlite_sequence; INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence;
      COMMIT`)
  } finally {
    target.close() // the last to close the old file moves its log there
  }
}

function removeStore(path: string): void {
  for (const part of ['', '-wal', '-shm', '-journal']) rmSync(path + part, { force: true })
}
