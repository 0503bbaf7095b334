/**
 * Learning in the store: rounds and how they ended, versions of models, which of them is served. Everything that belongs to one
 * decision is one transaction.
 */

import { type LiveTally, NO_TALLY } from '../../core/learning/live-tally.ts'
import type { CorrectionUse, RoundReport } from '../../core/protocol.ts'
import {
  ALLOWED,
  type CorrectionCounts,
  countCorrections,
  countOthers,
  FROM_OWNER,
  modelsOnHold,
  usableNumbers,
} from './conditions.ts'
import type { Database } from './database.ts'
import { countMissing, forgetDeparted } from './forgetting.ts'
import type { CorrectionInput, LearnerRow, RoundEnding, RoundRow, VersionRow } from './round-tables.ts'

/** Finished rounds whose reports are kept, besides those of kept versions. */
const REPORTS = 200

/** Most starts of the program that are counted. */
const STARTS = 64

/** Versions of a model that stay listed, with or without weights. */
const HISTORY = 50

/** A round with its lists as JSON. */
interface StoredRound extends Omit<RoundRow, 'corrections' | 'secondOpinions'> {
  readonly corrections: string
  readonly secondOpinions: string
}

interface StoredVersion extends Omit<VersionRow, 'kept' | 'live'>, Omit<LiveTally, 'shippedRight'> {
  readonly kept: number
  readonly shipped_right: number
}

export class RoundStore {
  readonly #database: Database
  readonly #others = new Map<string, number>() // by model and the end of what a rollback lets in: all after it and up to here are others'
  #begun: RoundRow | undefined // not in the store yet

  constructor(database: Database) {
    this.#database = database
  }

  /** Forgets the round that has begun: it was of another store. */
  forgetBegun(): void {
    this.#begun = undefined
  }

  /** Counts a start of the program. Returns how many there have been. */
  start(): number {
    return this.#database.transaction(() => {
      this.#database.run('INSERT INTO starts (at) VALUES (?)', Date.now())
      const { number } = this.#database.get<{ number: number }>('SELECT max(number) AS number FROM starts') ?? {
        number: 0,
      }
      this.#database.run('DELETE FROM starts WHERE number <= ?', number - STARTS)
      return number
    })
  }

  /** How often the program was started again since a round last ended. */
  restarts(): number {
    const sql = 'SELECT count(*) AS starts FROM starts'
    return Math.max(0, (this.#database.get<{ starts: number }>(sql)?.starts ?? 0) - 1)
  }

  learner(model: string): LearnerRow {
    const sql = 'SELECT version, newest, base, seen, paused, until, stale FROM learners WHERE model = ?'
    const row = this.#database.get<LearnerRow>(sql, model)
    const none = { version: 0, newest: 0, base: 0, seen: 0, paused: false, until: null, stale: 0 }
    return row ? { ...row, paused: Boolean(row.paused) } : none
  }

  /** Changes the given fields of a model that learns. */
  setLearner(model: string, changes: Partial<LearnerRow>): void {
    const { version, newest, base, seen, paused, until, stale } = { ...this.learner(model), ...changes }
    this.#database.run(
      `INSERT OR REPLACE INTO learners (model, version, newest, base, seen, paused, until, stale)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      model,
      version,
      newest,
      base,
      seen,
      Number(paused),
      until,
      stale,
    )
  }

  /** Models of which a version other than the shipped one is served. */
  served(): { readonly model: string; readonly version: number }[] {
    return this.#database.all('SELECT model, version FROM learners WHERE version > 0')
  }

  /** Newest first. */
  versions(model: string): VersionRow[] {
    const rows = this.#database.all<StoredVersion>(
      'SELECT * FROM versions WHERE model = ? ORDER BY version DESC',
      model,
    )
    return rows.map(({ judged, right, shipped_right, lost, kept, ...row }) => ({
      ...row,
      kept: Boolean(kept),
      live: { judged, right, shippedRight: shipped_right, lost },
    }))
  }

  /** Marks a version whose weights are deleted. */
  discard(model: string, version: number): void {
    this.#database.run('UPDATE versions SET kept = 0 WHERE model = ? AND version = ?', model, version)
  }

  /** The round under way or interrupted, if there is one. */
  unfinished(): RoundRow | undefined {
    return this.#begun ?? this.#row('report IS NULL ORDER BY round LIMIT 1')
  }

  /** The corrections that a round was begun with or, where it made a version, that this has learned from; none if they are no longer known. */
  correctionsOf(round: number): readonly number[] {
    return this.#row('round = ?', round)?.corrections ?? []
  }

  /** Number of the newest correction of others that a round could use; 0 if that is no longer known. */
  knownTo(round: number): number {
    const row = this.#row('round = ?', round)
    return row?.until ?? row?.newest ?? 0
  }

  /**
   * Begins a round. Nothing is written until it ends: after an interruption the same corrections give the same round, with the
   * same number. One that does not follow from them alone is to be kept.
   */
  begin(task: Omit<RoundRow, 'round' | 'starts' | 'failures'>): RoundRow {
    this.#begun = { ...task, round: this.#lastStored() + 1, starts: 0, failures: 0 }
    return this.#begun
  }

  /** Whether a round of this number ended. */
  hasEnded(round: number): boolean {
    return round <= this.#lastStored() && round !== this.unfinished()?.round
  }

  #lastStored(): number {
    const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'rounds'"
    return this.#database.get<{ seq: number }>(sql)?.seq ?? 0
  }

  /** Writes the round that has begun, so that it is resumed whatever else follows from the corrections by then. */
  keep(): void {
    const begun = this.#begun
    this.#begun = undefined
    if (begun) this.#insert(begun)
  }

  /** Counts a failure of the current round. */
  countFailure(round: number): void {
    if (this.#begun) this.#begun = { ...this.#begun, failures: this.#begun.failures + 1 }
    else this.#database.run('UPDATE rounds SET failures = failures + 1 WHERE round = ?', round)
  }

  /** Stores how a round ended and everything that follows from it, in one transaction. */
  finish(round: number, model: string, ending: RoundEnding): void {
    const { report, uses = [], seen, version, serve, live, base, paused, again = false } = ending
    const { learned = [], same } = ending
    // where this fails, the store says what was done of it: a failed sync may have written all of it
    const begun = this.#begun
    this.#begun = undefined
    this.#database.transaction(() => {
      if (!begun && !this.#row('round = ? AND report IS NULL', round)) return // of a store that is not there any more
      this.#removeOldest(round) // first: the report takes the pages that become free
      if (begun) this.#insert({ ...begun, corrections: [] })
      this.#database.run('UPDATE rounds SET report = ? WHERE round = ?', JSON.stringify(report), round)
      this.#database.run('DELETE FROM starts WHERE number < (SELECT max(number) FROM starts)')
      for (const [number, use] of uses) if (use !== 'held') this.#setUse(number, use)
      this.#setHeld(uses)
      if (version) {
        const { parent, sha256, bytes, shipped } = version
        this.#database.run(
          'INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0, 0, 0)',
          model,
          version.version,
          parent,
          sha256,
          bytes,
          shipped,
          version.round,
          Date.now(),
        )
      }
      if (live) this.#addTally(model, live.version, live.tally)
      if (version) this.#setLearned(round, learned)
      if (same) this.#setLearned(same.round, same.learned)
      const { stale } = this.learner(model)
      this.setLearner(model, {
        ...(seen !== undefined && { seen, stale: Math.max(0, stale - (begun?.stale ?? 0)) + Number(again) }),
        ...(serve !== undefined && { version: serve }),
        ...(version && { newest: version.version }),
        ...(base !== undefined && { base }),
        ...(paused !== undefined && { paused }),
      })
      this.#prune(model)
      forgetDeparted(this.#database)
    })
  }

  /** Reports of finished rounds, newest first. */
  reports(limit: number): RoundReport[] {
    const sql = 'SELECT report FROM rounds WHERE report IS NOT NULL ORDER BY round DESC LIMIT ?'
    return this.#database.all<{ report: string }>(sql, limit).map(({ report }) => JSON.parse(report))
  }

  report(round: number): RoundReport | undefined {
    const row = this.#database.get<{ report: string | null }>('SELECT report FROM rounds WHERE round = ?', round)
    return row?.report ? JSON.parse(row.report) : undefined
  }

  /** As `usableNumbers`. */
  usable(limit: number, until: number | null = null): number[] {
    return usableNumbers(this.#database, limit, until)
  }

  /** The corrections of these numbers that still exist, in the same order. */
  inputs(numbers: readonly number[]): CorrectionInput[] {
    return numbers.flatMap((number) => {
      const row = this.#database.get<CorrectionInput>(
        `SELECT number, input, label, network, ${FROM_OWNER} AS fromOwner FROM corrections WHERE number = ?`,
        number,
      )
      return row ? { ...row, fromOwner: Boolean(row.fromOwner) } : []
    })
  }

  /** As `countMissing`. */
  missing(numbers: readonly number[]): number {
    return countMissing(this.#database, numbers)
  }

  /** Numbers of what others than the owner gave, from these networks. @param networks in hex */
  numbersFrom(networks: readonly string[]): number[] {
    const where = 'trusted = 0 AND hex(network) IN (SELECT value FROM json_each(?))'
    const sql = `SELECT number FROM corrections WHERE ${where}`
    return this.#database.all<{ number: number }>(sql, JSON.stringify(networks)).map(({ number }) => number)
  }

  /** Models that are to learn anew, whether there is something new or not. */
  stale(): string[] {
    return this.#database.all<{ model: string }>('SELECT model FROM learners WHERE stale > 0').map(({ model }) => model)
  }

  /** Number of the newest correction, 0 where there is none. */
  newest(): number {
    return this.#database.get<{ newest: number | null }>('SELECT max(number) AS newest FROM corrections')?.newest ?? 0
  }

  /**
   * Whether there is a correction after `seen` that a round may use, of others only up to `until` unless that is null. Confirmations
   * count for the model that they confirm.
   */
  isNewer(model: string, seen: number, until: number | null): boolean {
    const newest = this.newest()
    if (newest <= seen) return false
    const about = '(label <> answer OR model = ?1)'
    if (until === null) {
      const sql = `SELECT 1 FROM corrections WHERE number > ?2 AND ${about} LIMIT 1`
      return this.#database.get(sql, model, seen) !== undefined
    }
    const place = `${until} ${model}`
    // what others gave since a rollback is read once: when it comes to count as the owner's, that is a decision
    const from = Math.max(seen, this.#others.get(place) ?? 0)
    const sql = `SELECT 1 FROM corrections WHERE number > ?2 AND ${about} AND ${ALLOWED} AND (number <= ?3 OR ${FROM_OWNER}) LIMIT 1`
    if (this.#database.get(sql, model, from, until)) return true
    this.#others.set(place, newest)
    return false
  }

  /** As `modelsOnHold`. */
  holds(): string[] {
    return modelsOnHold(this.#database)
  }

  /** As `countOthers`. */
  heldSince(until: number): number {
    return countOthers(this.#database, until)
  }

  corrections(): CorrectionCounts {
    return countCorrections(this.#database)
  }

  /** Ids of the models whose answers were corrected, the last corrected first. */
  corrected(): string[] {
    const sql = 'SELECT model FROM corrections GROUP BY model ORDER BY max(number) DESC'
    return this.#database.all<{ model: string }>(sql).map(({ model }) => model)
  }

  // The last round that looks at a correction says whether it is held back. Only rows that change are read: each can be many pages.
  #setHeld(uses: readonly (readonly [number: number, use: CorrectionUse])[]): void {
    const numbers = (held: boolean) =>
      JSON.stringify(uses.filter(([, use]) => (use === 'held') === held).map(([number]) => number))
    const known = 'SELECT number FROM corrections INDEXED BY corrections_held WHERE held = 1'
    this.#database.run(
      `UPDATE corrections SET held = 0 WHERE number IN (${known}) AND number IN (SELECT value FROM json_each(?))`,
      numbers(false),
    )
    this.#database.run(
      `UPDATE corrections SET held = 1 WHERE number IN (SELECT value FROM json_each(?)) AND number NOT IN (${known})`,
      numbers(true),
    )
  }

  // Of a round that ended, its list is what a version knows. What was only looked at can be taken back without harm.
  #setLearned(round: number, learned: readonly number[]): void {
    this.#database.run('UPDATE rounds SET corrections = ? WHERE round = ?', JSON.stringify(learned), round)
  }

  // A correction counts as learned if one model has learned from it, whatever other models did.
  #setUse(number: number, use: CorrectionUse): void {
    const weaker = { learned: [], undecided: ['learned'], implausible: ['learned', 'undecided'] }[use as string] ?? []
    this.#database.run(
      'UPDATE corrections SET use = ? WHERE number = ? AND use NOT IN (SELECT value FROM json_each(?))',
      use,
      number,
      JSON.stringify([...weaker, use]),
    )
  }

  #addTally(model: string, version: number, { judged, right, shippedRight, lost }: LiveTally = NO_TALLY): void {
    this.#database.run(
      `UPDATE versions SET judged = judged + ?, right = right + ?, shipped_right = shipped_right + ?, lost = lost + ?
       WHERE model = ? AND version = ?`,
      judged,
      right,
      shippedRight,
      lost,
      model,
      version,
    )
  }

  #insert(row: RoundRow): void {
    const { round, model, parent, seed, corrections, newest, replaySet, shipped, secondOpinions, failures, until } = row
    this.#database.run(
      `INSERT INTO rounds (round, model, parent, seed, corrections, newest, replay_set, shipped, second_opinions, starts,
       failures, at, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
      round,
      model,
      parent,
      seed,
      JSON.stringify(corrections),
      newest,
      replaySet,
      shipped,
      JSON.stringify(secondOpinions),
      failures,
      Date.now(),
      until,
    )
  }

  #removeOldest(round: number): void {
    this.#database.run(
      `DELETE FROM rounds WHERE round <= ? - ${REPORTS} AND report IS NOT NULL
       AND round NOT IN (SELECT round FROM versions)`,
      round,
    )
  }

  // Deletes old versions, and what is only kept for versions.
  #prune(model: string): void {
    this.#database.run(
      `DELETE FROM versions WHERE kept = 0 AND model = ?1
       AND version <= (SELECT newest FROM learners WHERE model = ?1) - ${HISTORY}`,
      model,
    )
    this.#database.run(
      `UPDATE rounds SET corrections = '[]' WHERE report IS NOT NULL AND corrections != '[]'
       AND round NOT IN (SELECT round FROM versions WHERE kept = 1)`,
    )
  }

  #row(condition: string, ...values: number[]): RoundRow | undefined {
    const row = this.#database.get<StoredRound>(
      `SELECT round, model, parent, seed, corrections, newest, replay_set AS replaySet, shipped,
       second_opinions AS secondOpinions, starts, failures, until FROM rounds WHERE ${condition}`,
      ...values,
    )
    return row && { ...row, corrections: JSON.parse(row.corrections), secondOpinions: JSON.parse(row.secondOpinions) }
  }
}
