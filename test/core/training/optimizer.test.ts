/** Optimizers, gradient clipping and learning-rate schedules, against their formulas in double precision. */

import { describe, expect, test } from 'vitest'
import { DEFAULT_RECIPE, type Recipe } from '../../../core/models/recipe.ts'
import { createOptimizer } from '../../../core/training/optimizer.ts'
import { cosineOfHalfTurn, learningRate } from '../../../core/training/schedule.ts'
import { allBackends } from '../backends.ts'

const GRADIENT = [0.25, 0.5, -1, 2, 1e-3, 0]
const START = [1, -2, 0.5, 0, 3, -1]
const L = GRADIENT.length

// Six steps down the same gradient, by the kernels.
function descend(recipe: Recipe, rate: number): number[][] {
  return allBackends(65_536).map((backend) => {
    const [w, dw] = [backend.arena.allocate(L * 4), backend.arena.allocate(L * 4)]
    backend.arena.f32(w, L).set(START)
    const optimizer = createOptimizer(backend, recipe, w, dw, L)
    for (let step = 1; step <= 6; step++) {
      backend.arena.f32(dw, L).set(GRADIENT)
      optimizer.step(rate, step)
    }
    return [...backend.arena.f32(w, L)]
  })
}

describe('six steps of', () => {
  test('adam are those of the paper, within 1e-6', () => {
    const [rate, decay] = [0.01, 0.02]
    const recipe: Recipe = { ...DEFAULT_RECIPE, optimizer: 'adam', momentum: 0.9, decay }
    const expected = START.map((start, i) => {
      let [w, m, v] = [start, 0, 0]
      for (let t = 1; t <= 6; t++) {
        m = 0.9 * m + 0.1 * GRADIENT[i]
        v = 0.999 * v + 0.001 * GRADIENT[i] ** 2
        // Algorithm 1's efficient form; its epsilon is added before the correction
        const corrected = (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)
        w = w - rate * decay * w - (corrected * m) / (Math.sqrt(v) + 1e-8)
      }
      return w
    })
    for (const found of descend(recipe, rate)) {
      for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-6)
    }
  })

  test('adadelta are those of the paper, within 1e-6', () => {
    const recipe: Recipe = { ...DEFAULT_RECIPE, optimizer: 'adadelta', momentum: 0.95, decay: 0 }
    const expected = START.map((start, i) => {
      let [w, v, u] = [start, 0, 0]
      for (let t = 1; t <= 6; t++) {
        v = 0.95 * v + 0.05 * GRADIENT[i] ** 2
        const step = (Math.sqrt(u + 1e-6) / Math.sqrt(v + 1e-6)) * GRADIENT[i]
        u = 0.95 * u + 0.05 * step ** 2
        w -= step
      }
      return w
    })
    for (const found of descend(recipe, 1)) {
      for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-6)
    }
  })

  test('sgd with clipping go no further than the clipped gradient allows', () => {
    const recipe: Recipe = { ...DEFAULT_RECIPE, momentum: 0, decay: 0, clip: 0.5 }
    const norm = Math.sqrt(GRADIENT.reduce((sum, g) => sum + g * g, 0))
    for (const found of descend(recipe, 0.1)) {
      for (const [i, value] of found.entries()) {
        expect(Math.abs(value - (START[i] - 6 * 0.1 * GRADIENT[i] * (0.5 / norm)))).toBeLessThan(1e-6)
      }
    }
  })

  test('sgd with a clip larger than the gradient are those without', () => {
    const recipe: Recipe = { ...DEFAULT_RECIPE, momentum: 0, decay: 0 }
    expect(descend({ ...recipe, clip: 3 }, 0.1)).toEqual(descend(recipe, 0.1))
  })
})

describe('the learning rate', () => {
  const at = (schedule: Recipe['schedule'], warmup: number) => (progress: number) =>
    learningRate({ ...DEFAULT_RECIPE, rate: 2, epochs: 10, schedule, warmup }, progress)

  test('falls in a line, along a cosine, in steps, or not at all', () => {
    expect([0, 0.25, 0.5, 1].map(at('constant', 0))).toEqual([2, 2, 2, 2])
    expect([0, 0.25, 0.5, 1].map(at('linear', 0))).toEqual([2, 1.5, 1, 0])
    expect([0, 0.49, 0.5, 0.75, 1].map(at('step', 0))).toEqual([2, 2, 0.2, 0.02, 0.02])
    for (const t of [0, 0.1, 0.3, 0.5, 0.9, 1]) expect(at('cosine', 0)(t)).toBeCloseTo(1 + Math.cos(Math.PI * t), 8)
  })

  test('rises over the warm-up, is never 0 at the start, and then falls', () => {
    const rate = at('linear', 2)
    expect(rate(0)).toBeGreaterThan(0)
    expect(rate(0.1)).toBeCloseTo(1, 4)
    expect(rate(0.2)).toBe(2)
    expect(rate(0.6)).toBe(1)
  })

  test('uses a cosine within 1e-9 of the exact one', () => {
    for (let i = 0; i <= 1000; i++) {
      expect(Math.abs(cosineOfHalfTurn(i / 1000) - Math.cos((Math.PI * i) / 1000))).toBeLessThan(1e-9)
    }
  })
})
