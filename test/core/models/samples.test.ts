/** Mean and spread of passes with dropout. */

import { describe, expect, it } from 'vitest'
import { Samples } from '../../../core/models/samples.ts'
import { Random } from '../../../core/random.ts'

describe('samples', () => {
  it('have the mean and the standard deviation of their definition, within 1e-7', () => {
    const random = new Random(7, 0)
    const passes = Array.from({ length: 100 }, () => Float32Array.from({ length: 10 }, () => random.uniform()))
    const samples = new Samples(10)
    for (const pass of passes) samples.add(pass)
    const { mean, deviation } = samples.spread()
    expect(samples.count).toBe(100)
    for (let c = 0; c < 10; c++) {
      const average = passes.reduce((sum, pass) => sum + pass[c], 0) / 100
      const variance = passes.reduce((sum, pass) => sum + (pass[c] - average) ** 2, 0) / 100
      expect(Math.abs(mean[c] - average)).toBeLessThan(1e-7)
      expect(Math.abs(deviation[c] - Math.sqrt(variance))).toBeLessThan(1e-7)
    }
  })

  it('of one pass are that pass, without spread; equal passes have no spread', () => {
    const pass = Float32Array.of(0.1, 0.2, 0.7)
    const samples = new Samples(3)
    for (let k = 0; k < 3; k++) {
      samples.add(pass)
      expect(samples.spread()).toEqual({ mean: pass, deviation: new Float32Array(3) })
    }
  })
})
