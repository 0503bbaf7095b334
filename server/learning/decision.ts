/** What follows from the outcome of a round: which version is served, how each drawing was used, what the report says. */

import { addTallies, doesHarm, NO_TALLY } from '../../core/learning/live-tally.ts'
import type { CorrectionVerdict } from '../../core/learning/round.ts'
import type { CorrectionUse, RoundReport } from '../../core/protocol.ts'
import type { RoundEnding, RoundRow, VersionRow } from '../store/round-tables.ts'
import type { RoundStore } from '../store/rounds.ts'
import type { RoundJob, RoundOutcome } from './messages.ts'

/** Why a round stops. */
export const TAKEN_BACK = 'a drawing it learned from was taken back'

type Use = readonly [number: number, use: CorrectionUse]

/** How a round ends in the store, and what is announced when it changes the served version. */
export interface Decision extends RoundEnding {
  readonly announce?: { readonly why: 'promoted' | 'rolled-back' | 'live'; readonly reason: string }
}

/** A round that failed or was stopped learned nothing. */
export function decideWithout(
  store: RoundStore,
  row: RoundRow,
  verdict: 'stopped' | 'failed',
  reason: string,
  seconds: number,
): Decision {
  const report = { ...reportBase(row, seconds), verdict, reason, lessons: { learned: 0, implausible: 0 } }
  if (verdict === 'stopped') return { report }
  // the model does not try again until there is a new correction
  return { report, seen: row.newest, ...withdraw(store, row) }
}

/** Decides about a round that was done to its end. */
export function decide(
  store: RoundStore,
  row: RoundRow,
  job: RoundJob,
  outcome: RoundOutcome,
  seconds: number,
): Decision {
  const { verdicts, live, saved, ...result } = outcome
  if (store.missing(row.corrections) > 0) {
    return decideWithout(store, row, 'stopped', TAKEN_BACK, seconds)
  }
  const learner = store.learner(row.model)
  const parent = store.versions(row.model).find(({ version }) => version === row.parent)
  const base = { ...reportBase(row, seconds), ...result, lessons: countVerdicts(verdicts) }
  const learned = row.corrections.filter((_, i) => verdicts[i] === 'learned')
  const common = {
    seen: row.newest,
    paused: false,
    uses: usesOf(row, outcome),
    ...(parent && live.judged > 0 && { live: { version: parent.version, tally: live } }),
  }

  const tally = lineage(store, row, learner.base).reduce(addTallies, live)
  if (parent && doesHarm(tally)) {
    const { judged, right, shippedRight } = tally
    const reason = `of ${judged} drawings judged since, the shipped model answered ${shippedRight} right and what was learned ${right}`
    const report: RoundReport = { ...without(base), verdict: 'refused', reason }
    return {
      ...common,
      report,
      serve: 0,
      base: learner.newest,
      paused: true,
      uses: usesOf(row, { ...outcome, verdict: 'refused' }),
      announce: { why: 'live', reason },
    }
  }

  if (saved && parent?.kept && parent.sha256 === saved.sha256) {
    const reason = 'it comes to the version that is served'
    const same = { round: parent.round, learned }
    return { ...common, report: { ...without(base), verdict: 'unchanged', reason }, same }
  }
  if (saved && result.verdict === 'promoted') {
    const { version } = job
    return {
      ...common,
      report: { ...base, version },
      version: { ...saved, version, model: row.model, parent: row.parent, shipped: row.shipped, round: row.round },
      learned,
      serve: version,
      announce: { why: 'promoted', reason: result.reason },
    }
  }
  return { ...common, report: base, ...withdraw(store, row) }
}

// A version that learned from a network that the owner has blocked since is no longer served, even if no new version replaces it.
function withdraw(store: RoundStore, { model, parent }: RoundRow): Pick<Decision, 'serve' | 'announce'> {
  const served = store.versions(model).find(({ version }) => version === parent)
  if (!served?.kept || store.missing(store.correctionsOf(served.round)) === 0) return {}
  return { serve: 0, announce: { why: 'rolled-back', reason: 'a drawing it had learned from counts no more' } }
}

/** Tallies of the served version and its ancestors, back to where the shipped version was last served. */
function lineage(store: RoundStore, { model, parent }: RoundRow, base: number) {
  const counts = ({ version }: VersionRow) => version > base && version <= parent
  return store
    .versions(model)
    .filter(counts)
    .map(({ live }) => live ?? NO_TALLY)
}

function usesOf({ corrections }: RoundRow, { verdicts, verdict }: Pick<RoundOutcome, 'verdicts' | 'verdict'>): Use[] {
  const uses = {
    learned: verdict === 'refused' ? 'undecided' : 'learned',
    implausible: 'implausible',
    held: 'held',
  } as const
  return corrections.map((number, i): Use => [number, uses[verdicts[i]]])
}

function countVerdicts(verdicts: RoundOutcome['verdicts']): RoundReport['lessons'] {
  const count = (one: CorrectionVerdict) => verdicts.filter((verdict) => verdict === one).length
  return { learned: count('learned'), implausible: count('implausible'), held: count('held') }
}

function reportBase({ round, model, parent }: RoundRow, seconds: number) {
  return { round, model, parent, seconds: Math.round(seconds * 1000) / 1000, at: new Date().toISOString() }
}

function without({ share: _, ...report }: RoundReport): RoundReport {
  return report
}
