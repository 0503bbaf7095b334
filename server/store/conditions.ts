/**
 * What follows from the owner's decisions for rows of the table of corrections, as conditions in SQL. A row is many pages long and
 * there are up to 20,000, so questions about all of them are answered from indexes.
 */

import type { Database } from './database.ts'

type Decided = 'trusted' | 'blocked'

/** Numbers of what the last round that looked at it held back, and of what the owner approved, as queries. */
export const MARKED = 'SELECT number FROM corrections INDEXED BY corrections_held WHERE held = 1'
export const ALL_APPROVED = 'SELECT number FROM corrections INDEXED BY corrections_approved WHERE approved = 1'

/** The newest correction of others that every model may use. */
const SINCE = '(SELECT ifnull(min(until), 9007199254740991) FROM learners)'

const inIndex = (column: 'held' | 'approved') =>
  `EXISTS (SELECT 1 FROM corrections AS one INDEXED BY corrections_${column}
   WHERE one.${column} = 1 AND one.number = corrections.number)`

export const networksOf = (standing: Decided) =>
  `(SELECT network FROM senders INDEXED BY senders_decided WHERE standing <> '' AND standing = '${standing}')`

/** The owner approved it. */
export const APPROVED = inIndex('approved')

/** It counts as the owner's: given or approved by the owner, or from a network that the owner trusts. */
export const FROM_OWNER = `(corrections.trusted = 1 OR ${APPROVED} OR corrections.network IN ${networksOf('trusted')})`

/** Rounds may use it: it is the owner's, or its network is not blocked. */
export const ALLOWED = `(corrections.trusted = 1 OR corrections.network NOT IN ${networksOf('blocked')})`

/** It is held back: by the last round that looked at it, or by a rollback of a model. */
export const HELD = `(${inIndex('held')} OR
  (corrections.number > ${SINCE} AND ${ALLOWED} AND NOT ${FROM_OWNER}))`

function hasSenders(database: Database, standing: Decided): boolean {
  return database.get(`SELECT 1 FROM ${networksOf(standing)} LIMIT 1`) !== undefined
}

/**
 * Numbers of the corrections to learn from, ascending. What counts as the owner's is preferred to what others gave, then plausible
 * ones, then the newest. Those of blocked networks are left out.
 * @param until the newest of others that may be used; null: any
 */
export function usableNumbers(database: Database, limit: number, until: number | null): number[] {
  const allowed = hasSenders(database, 'blocked') ? ALLOWED : '1'
  const owners = hasSenders(database, 'trusted') ? FROM_OWNER : `(trusted = 1 OR number IN (${ALL_APPROVED}))`
  const sql = `SELECT number FROM corrections WHERE (?2 IS NULL OR number <= ?2 OR ${owners}) AND ${allowed}
    ORDER BY ${owners} DESC, use = 'implausible', number DESC LIMIT ?1`
  return database
    .all<{ number: number }>(sql, limit, until)
    .map(({ number }) => number)
    .sort((a, b) => a - b)
}

/** How many corrections of others came after `until`. */
export function countOthers(database: Database, until: number): number {
  const sql = `SELECT count(*) AS count FROM corrections WHERE number > ?1 AND ${others(database)}`
  return database.get<{ count: number }>(sql, until)?.count ?? 0
}

/** Models that learn only from the owner since a rollback. */
export function modelsOnHold(database: Database): string[] {
  const sql = 'SELECT model FROM learners WHERE until IS NOT NULL'
  return database.all<{ model: string }>(sql).map(({ model }) => model)
}

export interface CorrectionCounts {
  readonly kept: number
  readonly waiting: number // that no round has used and nothing holds back
  readonly held: number
}

export function countCorrections(database: Database): CorrectionCounts {
  const held = `(number IN (${MARKED}) OR (number > ${SINCE} AND ${others(database)}))`
  const sql = `SELECT count(*) AS kept, count(*) FILTER (WHERE use = 'waiting' AND NOT ${held}) AS waiting,
    count(*) FILTER (WHERE ${held}) AS held FROM corrections`
  return database.get<CorrectionCounts>(sql) ?? { kept: 0, waiting: 0, held: 0 }
}

// What is neither the owner's nor forbidden, in SQL; where no sender is trusted or blocked, an index holds all it takes.
function others(database: Database): string {
  const decided = hasSenders(database, 'blocked') || hasSenders(database, 'trusted')
  return decided ? `${ALLOWED} AND NOT ${FROM_OWNER}` : `trusted = 0 AND number NOT IN (${ALL_APPROVED})`
}
