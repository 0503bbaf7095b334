/** What many models say together about one drawing. */

import type { ModelAnswer } from '../../core/protocol.ts'

export interface Consensus {
  readonly votes: number // models that answered
  /** Digits by how many models say them, the most first; of equally many the smaller digit first. */
  readonly counts: readonly { readonly digit: number; readonly votes: number }[]
  /** The digit more models say than any other; undefined where two share the lead or nobody answered. */
  readonly digit: number | undefined
}

/** Counts the votes. Models that could not answer have none. */
export function consensus(answers: readonly ModelAnswer[]): Consensus {
  const votes = new Map<number, number>()
  for (const answer of answers) {
    if ('digit' in answer) votes.set(answer.digit, (votes.get(answer.digit) ?? 0) + 1)
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
