/** The table of corrections: labels that people gave to drawings, and everything known about each. */

import type { CorrectionUse } from '../../core/protocol.ts'
import { sha256Bytes } from '../files/sha256.ts'
import { APPROVED, HELD } from './conditions.ts'
import type { Database } from './database.ts'
import { makeRoom } from './room.ts'
import { noteDecision } from './senders.ts'

/**
 * The step of the schema that creates it. Client networks are stored as keyed hashes. `spent` counts for quotas and is kept
 * when corrections are deleted.
 */
export const CORRECTIONS_1 = `
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE corrections (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL, -- ms since 1970
  png BLOB NOT NULL, -- as drawn
  input BLOB NOT NULL CHECK (length(input) = 784), -- what preprocessing made of it
  digest BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of input
  label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 10), -- 10: not a digit
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  answer INTEGER NOT NULL CHECK (answer BETWEEN 0 AND 9),
  confidence REAL NOT NULL,
  network BLOB NOT NULL,
  trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)), -- 1: from the owner
  use TEXT NOT NULL DEFAULT 'waiting' CHECK (use IN ('waiting', 'learned', 'implausible', 'undecided')),
  prediction TEXT UNIQUE -- the one it is about
) STRICT;
CREATE UNIQUE INDEX corrections_drawing ON corrections (network, digest, trusted);
CREATE INDEX corrections_use ON corrections (use);
CREATE INDEX corrections_model ON corrections (model);
CREATE INDEX corrections_worth ON corrections (trusted, (label = answer) DESC, (use = 'implausible') DESC, number);
CREATE TABLE keys (
  network BLOB NOT NULL,
  key BLOB NOT NULL, -- SHA-256 of Idempotency-Key
  body BLOB NOT NULL, -- SHA-256 of the request
  answer TEXT NOT NULL, -- JSON
  correction TEXT NOT NULL REFERENCES corrections (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  PRIMARY KEY (network, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_correction ON keys (correction);
CREATE INDEX keys_at ON keys (at);
CREATE TABLE spent (network BLOB NOT NULL, wide BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX spent_network ON spent (network, at);
CREATE INDEX spent_wide ON spent (wide, at);
CREATE INDEX spent_at ON spent (at);
`

/**
 * The step of the schema that has each correction change fewer pages: two narrow indexes of corrections, one of `keys`, and none of the
 * few rows of `spent`. What is counted, listed or dropped is read from one index that holds all it takes; ids begin with the
 * number of their row. Nothing may be in these tables: the rows of a store with the earlier layout are copied into a new file.
 */
export const CORRECTIONS_2 = `
DROP TABLE keys;
DROP TABLE corrections;
CREATE TABLE corrections (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  at INTEGER NOT NULL, -- ms since 1970
  digest BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of input
  label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 10), -- 10: not a digit
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  answer INTEGER NOT NULL CHECK (answer BETWEEN 0 AND 9),
  confidence REAL NOT NULL,
  network BLOB NOT NULL,
  trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)), -- 1: from the owner
  use TEXT NOT NULL DEFAULT 'waiting' CHECK (use IN ('waiting', 'learned', 'implausible', 'undecided')),
  prediction TEXT, -- the one it is about
  input BLOB NOT NULL CHECK (length(input) = 784), -- what preprocessing made of the drawing
  png BLOB NOT NULL -- as drawn
) STRICT;
CREATE INDEX corrections_digest ON corrections (substr(digest, 1, 4));
CREATE INDEX corrections_worth ON corrections
  (trusted, (label = answer) DESC, (use = 'implausible') DESC, number, use, model);
CREATE INDEX corrections_random_id ON corrections (id) WHERE substr(id, 15, 1) = '4'; -- given before this step
CREATE TABLE keys (
  network BLOB NOT NULL,
  key BLOB NOT NULL, -- SHA-256 of Idempotency-Key
  body BLOB NOT NULL, -- SHA-256 of the request
  answer TEXT NOT NULL, -- JSON
  correction TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX keys_key ON keys (substr(key, 1, 4));
CREATE TRIGGER corrections_keys AFTER DELETE ON corrections BEGIN DELETE FROM keys WHERE correction = old.id; END;
DROP INDEX spent_network;
DROP INDEX spent_wide;
DROP INDEX spent_at;
`

/** Most rows that are kept. */
const MAX_ROWS = 20_000

/** Size of a row without its PNG: input, columns and indexes, bytes. */
const ROW = 2048

/** Corrections among which one of a prediction is looked for, the newest: predictions can be corrected for 15 minutes. */
const RECENT = 500

/** How a correction was used: as CHECKed above, or held back. */
export const USES: readonly CorrectionUse[] = ['waiting', 'learned', 'implausible', 'undecided', 'held']

/** A stored correction without the drawing. */
export interface CorrectionRow {
  readonly number: number // in order of arrival
  readonly id: string
  readonly at: number // ms since 1970
  readonly label: number // 0..9, 10 for not a digit
  readonly model: string
  readonly version: number
  readonly answer: number // 0..9
  readonly confidence: number // 0..1
  readonly network: Uint8Array
  readonly trusted: 0 | 1
  readonly use: CorrectionUse
  readonly bytes: number // of the PNG
  readonly approved: 0 | 1 // by the owner
  readonly sender: number | null // of the network; null where it was the owner
}

/** A correction to store. */
export interface NewCorrection extends Pick<CorrectionRow, 'at' | 'label' | 'model' | 'version' | 'answer'> {
  readonly confidence: number
  readonly png: Uint8Array
  readonly input: Uint8Array // [784]
  readonly network: Uint8Array
  readonly fromOwner: boolean
  readonly prediction?: string
}

const USE = `CASE WHEN ${HELD} THEN 'held' ELSE use END`
const COLUMNS = `number, id, at, label, model, version, answer, confidence, network, trusted, ${USE} AS use,
  length(png) AS bytes, ${APPROVED} AS approved,
  CASE trusted WHEN 0 THEN (SELECT senders.number FROM senders WHERE senders.network = corrections.network) END AS sender`

/** Access to the rows of a database. Methods throw as those of Database. */
export function correctionRows(database: Database, maxRows = MAX_ROWS) {
  return {
    /** The correction of this drawing from a client network. Those of the owner and of others are separate. */
    ofDrawing(network: Uint8Array, input: Uint8Array, fromOwner: boolean): CorrectionRow | undefined {
      const where = 'substr(digest, 1, 4) = substr(?1, 1, 4) AND digest = ?1 AND network = ?2 AND trusted = ?3'
      return database.get(
        `SELECT ${COLUMNS} FROM corrections WHERE ${where}`,
        sha256Bytes(input),
        network,
        Number(fromOwner),
      )
    },

    find(id: string): CorrectionRow | undefined {
      const number = numberIn(id)
      if (number === undefined) {
        return database.get(`SELECT ${COLUMNS} FROM corrections WHERE id = ? AND substr(id, 15, 1) = '4'`, id)
      }
      return database.get(`SELECT ${COLUMNS} FROM corrections WHERE number = ? AND id = ?`, number, id)
    },

    /** Whether this prediction has been corrected lately. */
    about(prediction: string): boolean {
      const where = `number > (SELECT max(number) FROM corrections) - ${RECENT} AND prediction = ?`
      return database.get(`SELECT 1 FROM corrections WHERE ${where}`, prediction) !== undefined
    },

    /** Newest first, from those with lower numbers than `before`. */
    list({
      limit,
      before,
      use,
    }: {
      limit: number
      before?: number | undefined
      use?: CorrectionUse | undefined
    }): CorrectionRow[] {
      return database.all(
        `SELECT ${COLUMNS} FROM corrections WHERE (?1 IS NULL OR ${USE} = ?1)
         AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3`,
        use ?? null,
        before ?? null,
        limit,
      )
    },

    /** Numbers of all corrections, oldest first. */
    numbers(): number[] {
      return database
        .all<{ number: number }>('SELECT number FROM corrections ORDER BY number')
        .map(({ number }) => number)
    },

    /** Corrections with drawings, of those numbers that still exist. */
    whole(from: number, to: number): (CorrectionRow & { readonly png: Uint8Array; readonly input: Uint8Array })[] {
      const where = 'number BETWEEN ? AND ? ORDER BY number'
      return database.all(`SELECT ${COLUMNS}, png, input FROM corrections WHERE ${where}`, from, to)
    },

    /** Labels and inputs of those numbers that still exist. */
    inputs(from: number, to: number): { readonly label: number; readonly input: Uint8Array }[] {
      return database.all('SELECT label, input FROM corrections WHERE number BETWEEN ? AND ? ORDER BY number', from, to)
    },

    /** The drawing as a PNG. */
    picture(number: number): Uint8Array | undefined {
      return database.get<{ png: Uint8Array }>('SELECT png FROM corrections WHERE number = ?', number)?.png
    },

    /** Numbers of those that are held back, of one sender if it is given. */
    held(sender?: number): number[] {
      const of = '(?1 IS NULL OR network = (SELECT senders.network FROM senders WHERE senders.number = ?1))'
      return database
        .all<{ number: number }>(
          `SELECT number FROM corrections WHERE ${of} AND ${HELD} ORDER BY number`,
          sender ?? null,
        )
        .map(({ number }) => number)
    },

    /** Has these count as the owner's, whatever rounds said of them. Every model learns anew. Returns how many were not before. */
    approve(numbers: readonly number[]): number {
      return database.transaction(() => {
        const some = `trusted = 0 AND number IN (SELECT value FROM json_each(?)) AND NOT ${APPROVED}`
        const changed = database.run(
          `UPDATE corrections SET approved = 1, held = 0 WHERE ${some}`,
          JSON.stringify(numbers),
        )
        if (changed > 0) noteDecision(database)
        return changed
      })
    },

    remove(number: number): void {
      database.run('DELETE FROM corrections WHERE number = ?', number)
    },

    /**
     * Adds a correction. Others make room for it as `makeRoom` says.
     * @returns its id
     */
    add(row: NewCorrection): string {
      return database.transaction(() => {
        makeRoom(database, row.png.length + ROW, maxRows, row.fromOwner ? undefined : row.network)
        const number = highest(database) + 1
        const id = idWith(number)
        database.run(
          `INSERT INTO corrections (number, id, at, png, input, digest, label, model, version, answer, confidence, network, trusted,
           prediction) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          number,
          id,
          row.at,
          row.png,
          row.input,
          sha256Bytes(row.input),
          row.label,
          row.model,
          row.version,
          row.answer,
          row.confidence,
          row.network,
          Number(row.fromOwner),
          row.prediction ?? null,
        )
        return id
      })
    },
  }
}

export type CorrectionRows = ReturnType<typeof correctionRows>

// The highest number there ever was.
function highest(database: Database): number {
  const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'corrections'"
  return database.get<{ seq: number }>(sql)?.seq ?? 0
}

/** An id with the number of its row, so that no index is needed to find it: a UUID of version 8, the rest is random. */
function idWith(number: number): string {
  const digits = number.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}-8${crypto.randomUUID().slice(15)}`
}

// Undefined for one that was given before ids had numbers.
function numberIn(id: string): number | undefined {
  return id[14] === '8' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}
