import { describe, expect, it } from 'vitest'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { Random } from '../../../core/random.ts'
import {
  createPrototypes,
  type PrototypeRecipe,
  type PrototypeTraining,
  prototypeMemory,
} from '../../../core/training/prototypes.ts'
import { allBackends } from '../backends.ts'

const RECIPE: PrototypeRecipe = {
  seed: 1,
  perClass: 2,
  means: 2,
  epochs: 4,
  rate: 0.2,
  sharpness: 5,
  augment: {},
  vote: { k: 1, power: 8, smoothing: 0.01 },
}

/** Strokes at ten slants, each slant a class, of random place, length and strength: neighbours overlap. */
function slants(count: number, seed: number): LabelledImages {
  const random = new Random(seed, 0)
  const images = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  for (let i = 0; i < count; i++) {
    const slope = (labels[i] - 4.5) / 4 + (random.uniform() - 0.5) / 3
    const [middle, half, ink] = [12 + 4 * random.uniform(), 5 + 4 * random.uniform(), 128 + random.below(128)]
    for (let y = 0; y < 28; y++) {
      if (Math.abs(y - 14) > half) continue
      for (let x = 0; x < 28; x++) {
        if (Math.abs(x - middle - slope * (y - 14)) < 1.6) images[i * 784 + y * 28 + x] = ink
      }
    }
  }
  return { images, labels, count }
}

const TRAINING = slants(400, 1)

function learning(recipe: PrototypeRecipe, backend = 2, set = TRAINING): PrototypeTraining {
  return createPrototypes(allBackends(prototypeMemory(recipe))[backend], recipe, set)
}

function learn(one: PrototypeTraining, epochs: number): { loss: number; accuracy: number }[] {
  const reports: { loss: number; accuracy: number }[] = []
  while (one.epoch < epochs) {
    const report = one.step()
    if (report) reports.push(report)
  }
  return reports
}

describe('trained prototypes', () => {
  it('answer at least 4 % more images correctly after eight epochs than the centres of k-means', () => {
    const recipe = { ...RECIPE, perClass: 1, epochs: 8, rate: 0.05 }
    const reports = learn(learning(recipe), 8)
    const centres = learn(learning({ ...recipe, rate: 1e-9 }), 1)
    expect(reports[7].accuracy).toBeGreaterThan(centres[0].accuracy + 0.04)
    expect(reports[7].loss).toBeLessThan(reports[0].loss)
  })

  it('are the same bytes in every backend, with augmentation', () => {
    const recipe = { ...RECIPE, epochs: 1, augment: { rotate: 10, elastic: 2, thickness: 0.5 } }
    const small = { ...slants(100, 2) }
    const [first, ...others] = [0, 1, 2].map((backend) => {
      const one = learning(recipe, backend, small)
      learn(one, 1)
      return one.references.slice()
    })
    for (const other of others) expect(other).toEqual(first)
  })

  it('continue from any state with the same result', () => {
    const whole = learning(RECIPE)
    learn(whole, 2)
    const first = learning(RECIPE)
    for (let i = 0; i < 555; i++) first.step()
    const state = structuredClone(first.state())
    const second = learning(RECIPE)
    second.restore(state)
    learn(second, 2)
    expect(second.references).toEqual(whole.references)
  })

  it('differ with the seed', () => {
    const [one, other] = [learning(RECIPE), learning({ ...RECIPE, seed: 2 })]
    expect(one.references).not.toEqual(other.references)
  })

  it('are the images themselves if there are as many and k-means is left out', () => {
    const set = slants(20, 3)
    const one = learning({ ...RECIPE, means: 0 }, 2, set)
    const report = learn(one, 1)[0]
    expect(one.labels).toEqual(Uint8Array.from({ length: 20 }, (_, r) => Math.floor(r / 2)))
    expect(report.accuracy).toBe(1)
  })

  it('cannot be more than the images of a class, nor fewer than the neighbours that vote', () => {
    expect(() => learning({ ...RECIPE, perClass: 41 })).toThrow('there are 40 images of 0, 41 prototypes are due')
    expect(() => learning({ ...RECIPE, vote: { ...RECIPE.vote, k: 21 } })).toThrow('21 neighbours are asked of 20')
  })
})
