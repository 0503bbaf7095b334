/** The tables of learning and the types of their rows: models that learn, rounds, versions. `rounds.ts` reads and writes them. */

import type { LiveTally } from '../../core/learning/live-tally.ts'
import type { CorrectionUse, RoundReport } from '../../core/protocol.ts'

/** The step of the schema that creates them. */
export const ROUNDS_1 = `
CREATE TABLE learners (
  model TEXT PRIMARY KEY,
  version INTEGER NOT NULL, -- served; 0 for the shipped one
  newest INTEGER NOT NULL, -- highest version there ever was: no number is given twice
  base INTEGER NOT NULL, -- judgements of versions up to this one do not count any more
  seen INTEGER NOT NULL, -- newest correction a round has dealt with
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)) -- until a newer correction comes
) STRICT, WITHOUT ROWID;
CREATE TABLE rounds (
  round INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  parent INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  lessons TEXT NOT NULL, -- JSON: numbers of the corrections, in order
  newest INTEGER NOT NULL, -- of all corrections there were
  trusted TEXT NOT NULL, -- name of the images replayed and judged by
  shipped TEXT NOT NULL, -- SHA-256 of the shipped weights
  seconds TEXT NOT NULL, -- JSON: [model, SHA-256] of those asked for a second opinion
  starts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  at INTEGER NOT NULL, -- ms since 1970
  report TEXT -- JSON; none while it is under way
) STRICT;
CREATE INDEX rounds_unfinished ON rounds (round) WHERE report IS NULL;
CREATE TABLE versions (
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  shipped TEXT NOT NULL, -- SHA-256 of the shipped weights it comes from
  round INTEGER NOT NULL REFERENCES rounds (round),
  at INTEGER NOT NULL,
  kept INTEGER NOT NULL CHECK (kept IN (0, 1)), -- whether its weights are
  judged INTEGER NOT NULL,
  right INTEGER NOT NULL,
  shipped_right INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  PRIMARY KEY (model, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE starts (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL) STRICT;
`

/** Columns that were renamed, old name to new. */
export const ROUNDS_RENAMED: Readonly<Record<string, string>> = {
  lessons: 'corrections',
  seconds: 'second_opinions',
  trusted: 'replay_set',
}

/** The step of the schema that renames them. */
export const ROUNDS_2 = Object.entries(ROUNDS_RENAMED)
  .map(([from, to]) => `ALTER TABLE rounds RENAME COLUMN ${from} TO ${to};`)
  .join('\n')

/** A model that learns. */
export interface LearnerRow {
  readonly version: number // served; 0 for the shipped one
  readonly newest: number // highest number ever used, 0 for none
  readonly base: number
  readonly seen: number
  readonly paused: boolean
  readonly until: number | null // newest correction of others that a round may use since a rollback; null: any
  readonly stale: number // decisions of the owner, and drawings taken back, that no round knows
}

/** A round as it was begun. */
export interface RoundRow {
  readonly round: number
  readonly model: string
  readonly parent: number // its version number
  readonly seed: number
  readonly corrections: readonly number[]
  readonly newest: number
  readonly replaySet: string
  readonly shipped: string
  readonly secondOpinions: readonly (readonly [model: string, sha256: string])[]
  readonly starts: number
  readonly failures: number
  readonly until: number | null // of the learner as it began
  readonly stale?: number // decisions of the owner that it knows; none unless this process has begun it
}

export interface VersionRow {
  readonly model: string
  readonly version: number
  readonly parent: number
  readonly sha256: string
  readonly bytes: number
  readonly shipped: string
  readonly round: number
  readonly at: number
  readonly kept: boolean
  readonly live: LiveTally
}

/** A correction as a round learns from it. */
export interface CorrectionInput {
  readonly number: number
  readonly input: Uint8Array
  readonly label: number // 0..10
  readonly network: Uint8Array // hash of the client network
  readonly fromOwner: boolean // given or approved by the owner, or from a network that the owner trusts
}

/** Everything that changes when a round ends. */
export interface RoundEnding {
  readonly report: RoundReport
  readonly uses?: readonly (readonly [number: number, use: CorrectionUse])[]
  readonly seen?: number
  readonly version?: Omit<VersionRow, 'kept' | 'live' | 'at'>
  readonly learned?: readonly number[] // corrections that the version has learned from
  readonly serve?: number // 0 for the shipped one
  readonly live?: { readonly version: number; readonly tally: LiveTally } // tally to add
  readonly base?: number
  readonly paused?: boolean
  /** Whether it is to learn once more, with corrections that were left out. */
  readonly again?: boolean
  /** Corrections that an earlier version has learned from, whose weights it came to again. */
  readonly same?: { readonly round: number; readonly learned: readonly number[] }
}
