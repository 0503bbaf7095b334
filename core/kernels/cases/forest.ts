/** Cases of the random forest: the search for a split among samples of one, two or ten classes, and votes of random trees. */

import { philox } from '../../random.ts'
import type { Case } from '../case.ts'
import { given, out } from './operands.ts'

// Draws of one case: the i-th of a purpose, below a bound.
const draw = (purpose: number, i: number, below: number) => philox(0xf07e57, purpose, i) % below

/**
 * The last feature has the same level in all images, the others have `levels` levels. Labels are of one class, of two, of ten, or
 * follow from the first feature's level.
 */
export function splitCases(L: number, F: number, K: number, n: number, levels: number, benchmark = false): Case[] {
  const level = (f: number, image: number) => (f === F - 1 ? 3 : (draw(f, image, levels) * 5) & 15)
  const columns = given(() => Uint8Array.from({ length: F * L }, (_, i) => level(Math.floor(i / L), i % L) << 4))
  const candidates = given(() => Int32Array.from({ length: K }, (_, k) => (F - 1 + k) % F))
  const labels = {
    one: () => 4,
    two: (image: number) => 2 + draw(1000, image, 2),
    ten: (image: number) => draw(1000, image, 10),
    first: (image: number) => (level(0, image) > 6 ? 9 : 0),
  }
  return Object.entries(labels).map(([name, label]) => {
    const samples = given(() => {
      const drawn = Int32Array.from({ length: n }, (_, s) => draw(1001, s, L)).sort()
      return drawn.map((image) => (image << 4) | label(image))
    })
    const args: Case['args'] = [out(2), out(18 * 16), columns, candidates, samples, L, K, n]
    const title = `splitSearch ${K} of ${F} features, ${n} of ${L} images, ${levels} levels, ${name}`
    return { kernel: 'splitSearch', title, args, work: K * n, benchmark: benchmark && name === 'ten' }
  })
}

/** Trees of `size` splits each. Every reference leads to a random later split or to a leaf. */
export function voteCases(N: number, F: number, T: number, size: number, C: number, benchmark = false): Case[] {
  const D = 20
  const splits = given(() => {
    const drawn = new Uint16Array(T * size * 3)
    for (let s = 0; s < T * size; s++) {
      const later = size - 1 - (s % size)
      const to = (side: number) => {
        const step = draw(side, s, 8)
        // most references lead to a split, so that walks are long
        return step < 6 && later > 0 ? (s % size) + 1 + (draw(side + 2, s, 4) % later) : 0x8000 + draw(side + 4, s, D)
      }
      drawn.set([(draw(6, s, F) << 8) | draw(7, s, 256), to(0), to(1)], s * 3)
    }
    return drawn
  })
  const args: Case['args'] = [
    out(N * C),
    { type: 'byte', length: N * F },
    splits,
    given(() => Int32Array.from({ length: T }, (_, t) => t * size)),
    { type: 'byte', length: D * C },
    N,
    F,
    T,
    C,
  ]
  const title = `forestVotes ${N}x${F}, ${T} trees of ${size} splits, ${C} classes`
  return [{ kernel: 'forestVotes', title, args, work: N * T, benchmark }]
}
