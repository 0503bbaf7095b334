/** Softmax and cross-entropy against double precision. */

import { expect, test } from 'vitest'
import { SNAP } from '../../../core/kernels.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const [N, C] = [4000, 10]
const [, , { kernels, arena }] = allBackends(1 << 20)
const x = arena.allocate(N * C * 4)
const p = arena.allocate(N * C * 4)
const loss = arena.allocate(N * 4)
const labels = arena.allocate(N)

// Logits of every spread up to +-80, and their exact softmax and loss.
function exact(): { probabilities: number[][]; losses: number[] } {
  const random = new Random(3, 0)
  const logits = arena.f32(x, N * C)
  const probabilities: number[][] = []
  const losses: number[] = []
  for (let n = 0; n < N; n++) {
    const spread = 80 * random.uniform()
    const label = random.below(C)
    arena.u8(labels, N)[n] = label
    const row = logits.subarray(n * C, (n + 1) * C)
    for (let c = 0; c < C; c++) row[c] = spread * (2 * random.uniform() - 1)
    const top = Math.max(...row)
    const sum = row.reduce((total, value) => total + Math.exp(value - top), 0)
    probabilities.push([...row].map((value) => Math.exp(value - top) / sum))
    losses.push(Math.log(sum) - (row[label] - top))
  }
  return { probabilities, losses }
}

const { probabilities, losses } = exact()
kernels.softmaxCrossEntropy(loss, p, x, labels, N, C)

test('softmax has relative error < 2.5e-6 above 2^-50 for logits within +-80, and is 0 or at least 2^-50', () => {
  let worst = 0
  for (const [n, row] of probabilities.entries()) {
    for (const [c, value] of row.entries()) {
      const given = arena.f32(p, N * C)[n * C + c]
      expect(given === 0 || given >= SNAP).toBe(true)
      if (value > 2 * SNAP) worst = Math.max(worst, Math.abs(given / value - 1))
    }
  }
  expect(worst).toBeGreaterThan(0)
  expect(worst).toBeLessThan(2.5e-6)
})

test('cross-entropy has error < 1.2e-7 of max(loss, 4) for logits within +-80', () => {
  let worst = 0
  for (const [n, value] of losses.entries()) {
    worst = Math.max(worst, Math.abs(arena.f32(loss, N)[n] - value) / Math.max(value, 4))
  }
  expect(worst).toBeGreaterThan(0)
  expect(worst).toBeLessThan(1.2e-7)
})

test('the three-step and the one-step softmax agree, and so does softmax in place', () => {
  const fused = arena.f32(p, N * C).slice()
  kernels.softmax(p, x, N, C)
  expect(arena.f32(p, N * C)).toEqual(fused)
  kernels.softmax(x, x, N, C)
  expect(arena.f32(x, N * C)).toEqual(fused)
})
