/** Counts the votes of many models on one drawing. */

import type { ModelAnswer } from '../../core/protocol.ts'

export interface Consensus {
  readonly votes: number // models that answered
  /** The digits with votes, the most votes first. Where two have as many, the smaller digit is first. */
  readonly counts: readonly { readonly digit: number; readonly votes: number }[]
  /** The digit with the most votes; undefined where two digits share the lead or no model answered. */
  readonly digit: number | undefined
}

/** Counts the votes. A model that could not answer has no vote. */
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
