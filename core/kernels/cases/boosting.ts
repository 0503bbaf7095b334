/** Cases of boosted trees: sums of gradients by bin, and sums of the leaves of random trees. */

import { philox } from '../../random.ts'
import type { Case } from '../case.ts'
import { given } from './operands.ts'

// Draws of one case: the i-th of a purpose, below a bound.
const draw = (purpose: number, i: number, below: number) => philox(0xb0057, purpose, i) % below

/** Every third row has the first bin throughout, as most features of a digit do. The sums are compared byte by byte. */
export function histogramCases(L: number, F: number, K: number, n: number, benchmark = false): Case[] {
  const largest = Math.floor((2 ** 31 - 1) / n)
  const args: Case['args'] = [
    { type: 'place', length: K * 64 * 8, places: 256, output: true },
    given(() => Uint8Array.from({ length: L * F }, (_, i) => (Math.floor(i / F) % 3 ? draw(0, i, 256) : i & 3))),
    given(() => Int32Array.from({ length: K }, (_, k) => (F - 1 + k) % F)),
    given(() => Int32Array.from({ length: n }, (_, s) => draw(1, s, L)).sort()),
    given(() =>
      Int32Array.from({ length: 2 * n }, (_, i) => draw(2, i, largest + 1) * (i & 1 && draw(3, i, 2) ? -1 : 1)),
    ),
    F,
    K,
    n,
  ]
  const title = `gradientHistogram ${K} of ${F} features, ${n} of ${L} images`
  return [{ kernel: 'gradientHistogram', title, args, work: K * n, benchmark }]
}

/** Trees of `size` splits each, at most 128. Scores begin with any bytes and are compared byte by byte. */
export function scoreCases(N: number, F: number, T: number, size: number, C: number, benchmark = false): Case[] {
  const splits = given(() => {
    const drawn = new Uint8Array(T * size * 4)
    for (let s = 0; s < T * size; s++) {
      const later = size - 1 - (s % size)
      const to = (side: number) => {
        const step = draw(side, s, 8)
        // most references lead to a split, so that walks are long
        return step < 6 && later > 0 ? (s % size) + 1 + (draw(side + 2, s, 4) % later) : 128 + draw(side + 4, s, size)
      }
      drawn.set([draw(6, s, F), draw(7, s, 256), to(0), to(1)], s * 4)
    }
    return drawn
  })
  const args: Case['args'] = [
    { type: 'place', length: N * C * 4, places: 256, output: true },
    { type: 'byte', length: N * F },
    splits,
    given(() => Int32Array.from({ length: T }, (_, t) => t * size)),
    given(() => Int16Array.from({ length: T * (size + 1) }, (_, i) => draw(8, i, 65_536))),
    N,
    F,
    T,
    C,
  ]
  const title = `boostedScores ${N}x${F}, ${T} trees of ${size} splits, ${C} classes`
  return [{ kernel: 'boostedScores', title, args, work: N * T, benchmark }]
}
