/** The shipped models: each does on the test sets what its card says, and at least what it is meant to. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { ZOO } from '../../../core/models/zoo.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { DEFAULT_MODELS } from '../../../server/config.ts'
import { loadDigits } from '../../../server/dataset/digits.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { evaluateStored } from '../../../server/models/evaluate.ts'
import { loadModel } from '../../../server/models/load.ts'
import { dataDir, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'

/** Least accuracy on MNIST's test set and, where one is meant for drawings, on those of pendigits-test; 0..1. */
const LEAST: Readonly<Record<string, readonly [mnist: number, drawings?: number]>> = {
  cnn: [0.994, 0.985],
  'cnn-small': [0.993, 0.984],
  knn: [0.992, 0.976],
  forest: [0.988, 0.972],
  boosted: [0.989, 0.978],
  'mlp-300-100': [0.988, 0.98],
  'mlp-300-100-bn': [0.989, 0.98],
  'mlp-400': [0.988, 0.978],
  'mlp-200': [0.985, 0.978],
  'mlp-400-original': [0.9736],
  'mlp-5': [0.865, 0.825],
  softmax: [0.911, 0.878],
}

const models = readdirSync(SHIPPED_MODELS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name in LEAST)
  .map(({ name }) => loadModel(join(SHIPPED_MODELS, name)))

describe('the shipped models', () => {
  test('are all that can be trained, and those that answer by default are among them', () => {
    const ids = models.map(({ card }) => card.id).sort()
    expect(ids).toEqual(ZOO.map(({ id }) => id).sort())
    expect(ids).toEqual(Object.keys(LEAST).sort())
    for (const preferred of Object.values(DEFAULT_MODELS)) expect(ids).toContain(preferred[0])
  })

  test('take at most 16 MB, the forest at most 10, boosted trees at most 3, the prototypes at most 1, the small network at most 30,000 parameters', () => {
    const bytes = (id: string) => models.find(({ card }) => card.id === id)?.bytes.length ?? Infinity
    expect(models.reduce((sum, model) => sum + model.bytes.length, 0)).toBeLessThan(16e6)
    expect(bytes('forest')).toBeLessThan(10e6)
    expect(bytes('boosted')).toBeLessThan(3e6)
    expect(bytes('knn')).toBeLessThan(1e6)
    expect(models.find(({ card }) => card.id === 'cnn-small')?.card.parameters).toBeLessThanOrEqual(30_000)
  })
})

describeUnless(noData, 'on real test sets', () => {
  let mnist: LabelledImages
  let drawings: LabelledImages
  beforeAll(async () => {
    ;[{ images: mnist }, { images: drawings }] = [
      await loadDigits(['mnist'], 'test', dataDir ?? ''),
      await loadDigits(['pendigits'], 'test', dataDir ?? ''),
    ]
  })

  test.each(models.map((model) => [model.card.id, model] as const))(
    '%s is right as often as its card says and as it must be',
    async (id, model) => {
      const backends = await nodeBackends()
      const [least, leastOnDrawings = 0] = LEAST[id]
      const onMnist = evaluateStored(model, mnist, backends)
      expect(onMnist.accuracy).toBe(model.card.test.accuracy)
      expect(onMnist.perClass).toEqual(model.card.test.perClass)
      expect(onMnist.accuracy).toBeGreaterThanOrEqual(least)
      const onDrawings = evaluateStored(model, drawings, backends)
      expect(onDrawings.accuracy).toBe(model.card.drawings?.accuracy)
      expect(onDrawings.accuracy).toBeGreaterThanOrEqual(leastOnDrawings)
    },
    120_000,
  )
})
