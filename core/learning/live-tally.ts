/**
 * Whether a learned version does harm in use: of the drawings with corrections, those that only one of the served and the
 * shipped model answered correctly, by the sign test (Arbuthnot 1710; Conover 1999). The test runs after every round, so in the
 * long run a harmless version may be rolled back: that costs what was learned, never accuracy.
 */

/** Counts of drawings with a correction, by who answered them correctly. */
export interface LiveTally {
  readonly judged: number // drawings with a correction
  readonly right: number // answered correctly by the served version
  readonly shippedRight: number // answered correctly by the shipped version
  readonly lost: number // answered correctly by the shipped version only
}

export const NO_TALLY: LiveTally = { judged: 0, right: 0, shippedRight: 0, lost: 0 }

/** Probability with which one test rolls back a version that does no harm. */
export const SIGNIFICANCE_LEVEL = 0.01

export function addTallies(a: LiveTally, b: LiveTally): LiveTally {
  return {
    judged: a.judged + b.judged,
    right: a.right + b.right,
    shippedRight: a.shippedRight + b.shippedRight,
    lost: a.lost + b.lost,
  }
}

/**
 * Probability that a fair coin shows heads at least `heads` times in `tosses` tosses: a sum of binomial terms in f64.
 * @param tosses 0..1000
 */
export function signTest(heads: number, tosses: number): number {
  if (heads <= 0) return 1
  // from the rarest event on, each term from the one before: (tosses choose k) / 2^tosses
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
  const won = lost + right - shippedRight // answered correctly by the served version only
  // 0.5 to a higher power underflows; so clear a lead needs no test
  if (lost + won > 1000) return lost - won > 100
  return signTest(lost, lost + won) <= SIGNIFICANCE_LEVEL
}
