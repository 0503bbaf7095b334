/** Training a forest as `inkling train` calls it, on 600 pictures of bars. */

import { describe, expect, test } from 'vitest'
import { parseCard } from '../../../core/models/card.ts'
import { createModel, modelMemory, modelTensors } from '../../../core/models/create-model.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { decodeTensors } from '../../../core/models/safetensors.ts'
import type { ForestSpec } from '../../../core/models/spec.ts'
import { Random } from '../../../core/random.ts'
import { nodeBackend } from '../../../server/backend.ts'
import { trainForest } from '../../../server/training/forest.ts'
import type { RunContext, TrainingData } from '../../../server/training/run.ts'

const SPEC: ForestSpec = {
  id: 'forest',
  name: 'Random forest',
  kind: 'random forest',
  type: 'forest',
  recipe: { seed: 1, data: 'bars', validation: 100, trees: 9, candidates: 14, smallest: 2, copies: 1, rotate: 5 },
}

/** Even labels are vertical bars, odd ones horizontal; higher ones are further along. */
function bars(count: number, seed: number): LabelledImages {
  const random = new Random(seed, 0)
  const images = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, () => random.below(10))
  for (const [n, label] of labels.entries()) {
    const place = 4 + (label >> 1) * 4 + random.below(3)
    for (let along = 3; along < 25; along++)
      images[n * 784 + (label % 2 ? place * 28 + along : along * 28 + place)] = 255
  }
  return { images, labels, count }
}

const source = (name: string) => ({ name, source: 'made here', files: { [name]: '0'.repeat(64) } })

const DATA: TrainingData = {
  training: bars(500, 1),
  validation: bars(100, 2),
  test: bars(200, 3),
  sources: [source('bars')],
  testSource: source('bars-test'),
}

function context(interruptedAfter = Infinity): RunContext {
  let trees = 0
  return {
    command: 'inkling train forest',
    out: 'nowhere',
    checkpoint: 'nowhere',
    fresh: false,
    threads: 1,
    progress: { note: () => {}, update: () => void trees++ },
    interrupted: () => trees >= interruptedAfter,
    pause: async () => {},
  }
}

describe('trainForest', () => {
  test('leaves a card and weights that load, and answer as in the card: over 90 % of bars not seen', async () => {
    const run = await trainForest(SPEC, SPEC.recipe, DATA, context())
    if (!run) throw new Error('interrupted')
    const card = parseCard(JSON.parse(JSON.stringify(run.card)))
    expect(card.test.accuracy).toBeGreaterThan(0.9)
    expect(card.type === 'forest' && card.forest.trees).toBe(9)
    const data = decodeTensors(run.files['weights.safetensors'] as Uint8Array, modelTensors(card))
    const model = createModel(await nodeBackend(modelMemory(card)), card, data)
    let right = 0
    for (const [i, label] of DATA.test.labels.entries()) {
      const probabilities = model.probabilities(DATA.test.images.subarray(i * 784, (i + 1) * 784))
      if (probabilities.indexOf(Math.max(...probabilities)) === label) right++
    }
    expect(right / 200).toBe(card.test.accuracy)
  })

  test('gives the same bytes again, and other bytes for another seed or other changes to copies', async () => {
    const digest = async (changed: Readonly<Record<string, number>>) => {
      const run = await trainForest(SPEC, { ...SPEC.recipe, ...changed }, DATA, context())
      return run?.card.weights.sha256
    }
    const first = await digest({})
    expect(await digest({})).toBe(first)
    expect(await digest({ seed: 2 })).not.toBe(first)
    expect(await digest({ rotate: 6 })).not.toBe(first)
  })

  test('stops when it is interrupted, and leaves nothing', async () => {
    expect(await trainForest(SPEC, SPEC.recipe, DATA, context(3))).toBeUndefined()
  })

  test.each([
    ['trees', 0],
    ['trees', 2.5],
    ['candidates', 201],
    ['smallest', 1],
    ['copies', '2'],
    ['rotate', 400],
    ['scale', Number.NaN],
  ])('refuses a recipe whose %s is %s, by name', async (name, value) => {
    await expect(trainForest(SPEC, { ...SPEC.recipe, [name]: value }, DATA, context())).rejects.toThrow(name)
  })
})
