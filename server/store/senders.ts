/** Who sent corrections: client networks as small numbers, and what the owner decided about each. */

import { HELD, modelsOnHold } from './conditions.ts'
import type { Database } from './database.ts'

/** What the owner decided about a client network: its corrections count at once, or not at all. */
export type Standing = '' | 'trusted' | 'blocked'

/** Numbers the networks of corrections that have no number, the oldest first. Those of the owner have none. */
export const NUMBER_SENDERS = `INSERT OR IGNORE INTO senders (network)
  SELECT network FROM corrections WHERE trusted = 0 GROUP BY network ORDER BY min(number)`

/**
 * The step of the schema for what the owner decides. Its columns come after the drawing, which takes many pages, so those that are set are
 * found in indexes. It must work for the layouts before and after CORRECTIONS_2.
 */
export const SENDERS_1 = `
ALTER TABLE corrections ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)); -- 1: by the last round that looked at it
ALTER TABLE corrections ADD COLUMN approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)); -- 1: by the owner
CREATE INDEX corrections_held ON corrections (number) WHERE held = 1;
CREATE INDEX corrections_approved ON corrections (number) WHERE approved = 1;
CREATE TABLE senders (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  network BLOB NOT NULL UNIQUE,
  standing TEXT NOT NULL DEFAULT '' CHECK (standing IN ('', 'trusted', 'blocked'))
) STRICT;
CREATE INDEX senders_decided ON senders (standing, network) WHERE standing <> '';
${NUMBER_SENDERS};
ALTER TABLE learners ADD COLUMN until INTEGER; -- newest correction of others that a round may use since a rollback; NULL: any
ALTER TABLE learners ADD COLUMN stale INTEGER NOT NULL DEFAULT 0; -- decisions of the owner that no round knows
ALTER TABLE rounds ADD COLUMN until INTEGER; -- of the learner as it began
`

/** Most networks without corrections that keep their numbers. */
const IDLE = 1000

/** A client network that sent corrections which are kept, or of which the owner decided something. */
export interface SenderRow {
  readonly number: number
  readonly standing: Standing
  readonly corrections: number // that are kept
  readonly held: number
  readonly learned: number
  readonly implausible: number
  readonly latest: number | null // ms since 1970
}

/** Access to the senders of a database. Methods throw as those of Database. */
export function senderRows(database: Database) {
  return {
    standing(network: Uint8Array): Standing {
      const sql = 'SELECT standing FROM senders WHERE network = ?'
      return database.get<{ standing: Standing }>(sql, network)?.standing ?? ''
    },

    /** As `modelsOnHold`. */
    holds(): string[] {
      return modelsOnHold(database)
    },

    /** Gives a network its number, if it has none. @param wide the wider network around it, or itself */
    note(network: Uint8Array, wide: Uint8Array): void {
      // an ignored insertion would write its next number all the same
      if (!database.get('SELECT 1 FROM senders WHERE network = ?', network)) {
        const wider = Buffer.compare(network, wide) === 0 ? null : wide
        database.run('INSERT INTO senders (network, wide) VALUES (?, ?)', network, wider)
      }
    },

    /**
     * False where there is none of this number. Where it changes something, every model learns anew. What a blocked one sent is like what
     * is implausible, until it is unblocked and a round has looked at it.
     */
    setStanding(number: number, standing: Standing): boolean {
      return database.transaction(() => {
        const known = database.get<{ standing: Standing }>('SELECT standing FROM senders WHERE number = ?', number)
        if (!known || known.standing === standing) return known !== undefined
        database.run('UPDATE senders SET standing = ? WHERE number = ?', standing, number)
        if (standing !== '') {
          const its = 'trusted = 0 AND network = (SELECT senders.network FROM senders WHERE senders.number = ?)'
          const use = standing === 'blocked' ? "'implausible'" : 'use'
          database.run(`UPDATE corrections SET held = 0, use = ${use} WHERE ${its}`, number)
        }
        noteDecision(database)
        return true
      })
    },

    /** Those with most held back first, then the latest; only the one of this number, if it is given. */
    list(limit: number, number?: number): SenderRow[] {
      return database.all(
        `WITH counted AS (
           SELECT network, count(*) AS corrections, sum(${HELD}) AS held, sum(use = 'learned' AND NOT ${HELD}) AS learned,
           sum(use = 'implausible' AND NOT ${HELD}) AS implausible, max(at) AS latest
           FROM corrections WHERE trusted = 0
           AND (?2 IS NULL OR network = (SELECT senders.network FROM senders WHERE senders.number = ?2)) GROUP BY network
         )
         SELECT number, standing, ifnull(corrections, 0) AS corrections, ifnull(held, 0) AS held, ifnull(learned, 0) AS learned,
         ifnull(implausible, 0) AS implausible, latest FROM senders LEFT JOIN counted USING (network)
         WHERE (corrections IS NOT NULL OR standing <> '') AND (?2 IS NULL OR number = ?2)
         ORDER BY held DESC, latest DESC, number LIMIT ?1`,
        limit,
        number ?? null,
      )
    },

    /** Forgets numbers that nothing needs, once there are many. */
    forgetIdle(): void {
      const { count = 0 } = database.get<{ count: number }>('SELECT count(*) AS count FROM senders') ?? {}
      if (count <= IDLE) return
      database.run("DELETE FROM senders WHERE standing = '' AND network NOT IN (SELECT network FROM corrections)")
    },
  }
}

export type SenderRows = ReturnType<typeof senderRows>

/** To be called in the transaction that changes whose corrections count: every model that has learned does so anew. */
export function noteDecision(database: Database): void {
  database.run('UPDATE learners SET stale = stale + 1')
}
