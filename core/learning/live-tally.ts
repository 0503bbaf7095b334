/**
 * Whether what was learned does harm in use: of the drawings people have judged, those that only one of two models answered
 * right, by the sign test (Arbuthnot 1710; Conover 1999). It looks after every round, so over a long time a harmless
 * version may be taken back: that costs what was learned since, never accuracy.
 */

/** What the answers to judged drawings come to. */
export interface LiveTally {
  readonly judged: number
  readonly right: number // of them by the served version
  readonly shippedRight: number // of them by the shipped one
  readonly lost: number // by the shipped one alone
}

export const NO_TALLY: LiveTally = { judged: 0, right: 0, shippedRight: 0, lost: 0 }

/** Probability of taking back what does no harm, at each look. */
export const SIGNIFICANCE_LEVEL = 0.01

/** Two tallies as one. */
export function addTallies(a: LiveTally, b: LiveTally): LiveTally {
  return {
    judged: a.judged + b.judged,
    right: a.right + b.right,
    shippedRight: a.shippedRight + b.shippedRight,
    lost: a.lost + b.lost,
  }
}

/**
 * Exact probability that a fair coin shows heads `heads` times or more in `tosses`: a sum of binomial terms in f64.
 * @param tosses 0..1000
 */
export function signTest(heads: number, tosses: number): number {
  if (heads <= 0) return 1
  // from the rarest event on, each term by the one before: tosses choose k, over two to the power of tosses
  let term = 0.5 ** tosses
  let sum = 0
  for (let k = tosses; k >= heads; k--) {
    sum += term
    term *= k / (tosses - k + 1)
  }
  return Math.min(1, sum)
}

/** Whether the shipped model should be served again. */
export function doesHarm({ right, shippedRight, lost }: LiveTally): boolean {
  const won = lost + right - shippedRight // by the served version alone
  // 0.5 to the power of more than that is no number any more; such a lead needs no test
  if (lost + won > 1000) return lost - won > 100
  return signTest(lost, lost + won) <= SIGNIFICANCE_LEVEL
}
