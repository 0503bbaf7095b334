/** Versions of models that have learned from a correction that is gone, and corrections that have made room for others. */

import { ALLOWED } from './conditions.ts'
import type { Database } from './database.ts'
import type { VersionRow } from './round-tables.ts'

/** The step of the schema for taking back. */
export const FORGETTING_1 = `
CREATE TABLE departed ( -- corrections that have made room for others: whoever gave one can still take it back
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  network BLOB NOT NULL,
  trusted INTEGER NOT NULL
) STRICT;
`

/** Most departed corrections that are known. */
const MOST_DEPARTED = 2000

/** Corrections that a version knows or that can be taken back from it. */
const THERE = 'SELECT number FROM corrections UNION ALL SELECT number FROM departed'

const LISTED = 'json_each((SELECT corrections FROM rounds WHERE round = versions.round)) AS listed'

/** A correction that has made room for another. */
export interface DepartedRow {
  readonly number: number
  readonly network: Uint8Array
  readonly trusted: 0 | 1
}

/**
 * Retires all versions whose round learned from this correction: they are kept no longer, and a served one gives way to the newest one it
 * came from that does not know the correction, else to the shipped one. Their model is to learn anew. Call it in the transaction that
 * deletes the correction.
 */
export function retireVersionsOf(database: Database, number: number): void {
  retire(database, `EXISTS (SELECT 1 FROM ${LISTED} WHERE listed.value = ?)`, number)
}

/**
 * Retires all versions that have learned from a correction that is not there. That is none, unless an earlier release of this program
 * deleted it.
 */
export function retireStaleVersions(database: Database): void {
  database.transaction(() => {
    const there = `SELECT 1 FROM (${THERE}) WHERE number = listed.value`
    retire(database, `EXISTS (SELECT 1 FROM ${LISTED} WHERE NOT EXISTS (${there}))`)
  }, 0)
}

/** How many of these corrections were taken back, or may not be used because the owner has blocked their network. */
export function countMissing(database: Database, numbers: readonly number[]): number {
  const there = `SELECT number FROM corrections WHERE ${ALLOWED} UNION SELECT number FROM departed`
  const sql = `SELECT count(*) AS there FROM (${there}) WHERE number IN (SELECT value FROM json_each(?))`
  return numbers.length - (database.get<{ there: number }>(sql, JSON.stringify(numbers))?.there ?? 0)
}

/** Versions whose weights are to be removed. */
export function retiredVersions(database: Database): Pick<VersionRow, 'model' | 'version'>[] {
  return database.all('SELECT model, version FROM versions WHERE kept = 0')
}

/** Deletes corrections to make room, which can still be taken back. */
export function depart(database: Database, numbers: readonly number[]): void {
  const list = JSON.stringify(numbers)
  database.run(
    `INSERT OR IGNORE INTO departed SELECT number, id, network, trusted FROM corrections
     WHERE number IN (SELECT value FROM json_each(?))`,
    list,
  )
  database.run('DELETE FROM corrections WHERE number IN (SELECT value FROM json_each(?))', list)
}

export function findDeparted(database: Database, id: string): DepartedRow | undefined {
  return database.get('SELECT number, network, trusted FROM departed WHERE id = ?', id)
}

export function removeDeparted(database: Database, number: number): void {
  database.run('DELETE FROM departed WHERE number = ?', number)
}

/** Forgets those departed corrections that no version knows. */
export function forgetDeparted(database: Database): void {
  const { count } = database.get<{ count: number }>('SELECT count(*) AS count FROM departed') ?? { count: 0 }
  if (count === 0) return
  const known = 'SELECT listed.value FROM rounds, json_each(rounds.corrections) AS listed'
  database.run(
    `DELETE FROM departed WHERE number NOT IN (${known})
     OR number NOT IN (SELECT number FROM departed ORDER BY number DESC LIMIT ${MOST_DEPARTED})`,
  )
}

function retire(database: Database, condition: string, ...values: number[]): void {
  const sql = `SELECT model, version FROM versions WHERE kept = 1 AND ${condition}`
  const retired = database.all<Pick<VersionRow, 'model' | 'version'>>(sql, ...values)
  for (const { model, version } of retired) {
    database.run('UPDATE versions SET kept = 0 WHERE model = ? AND version = ?', model, version)
  }
  for (const { model, version } of retired) {
    const served = 'UPDATE learners SET version = ?, stale = stale + 1 WHERE model = ? AND version = ?'
    database.run(served, keptAncestor(database, model, version), model, version)
  }
}

// By parents, so that none is served from which the owner has gone back. 0 is the shipped version.
function keptAncestor(database: Database, model: string, version: number): number {
  const sql = 'SELECT parent, kept FROM versions WHERE model = ? AND version = ?'
  for (let at = version; ; ) {
    const row = database.get<Pick<VersionRow, 'parent'> & { kept: number }>(sql, model, at)
    if (!row) return 0
    if (row.kept === 1) return at
    if (row.parent >= at) return 0
    at = row.parent
  }
}
