/** Counts the votes of many models on one drawing. */

import { OTHER } from '../../core/data/dataset.ts'
import type { ModelAnswer, Verdict } from '../../core/protocol.ts'

export interface Consensus {
  readonly votes: number // models that answered
  /** The digits with votes, and OTHER for no digit, the most votes first. Where two have as many, the smaller is first. */
  readonly counts: readonly { readonly digit: number; readonly votes: number }[]
  /** The one with the most votes; undefined where two share the lead or no model answered. */
  readonly digit: number | undefined
}

/** What an answer says: a digit, or OTHER. */
export function voteOf({ digit, verdict }: { readonly digit: number; readonly verdict: Verdict }): number {
  return verdict === 'not-a-digit' ? OTHER : digit
}

/** Counts the votes. A model that could not answer has no vote. */
export function consensus(answers: readonly ModelAnswer[]): Consensus {
  const votes = new Map<number, number>()
  for (const answer of answers) {
    if (!('digit' in answer)) continue
    const vote = voteOf(answer)
    votes.set(vote, (votes.get(vote) ?? 0) + 1)
  }
  const counts = [...votes]
    .map(([digit, votes]) => ({ digit, votes }))
    .sort((a, b) => b.votes - a.votes || a.digit - b.digit)
  const [first, second] = counts
  const lead = first && first.votes > (second?.votes ?? 0)
  return {
    votes: counts.reduce((sum, count) => sum + count.votes, 0),
    counts,
    digit: lead ? first.digit : undefined,
  }
}
