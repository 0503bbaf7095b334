/** Training boosted trees as `inkling train` calls it, on 600 pictures of bars. */

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCard } from '../../../core/models/card.ts'
import { createModel, modelMemory, modelTensors } from '../../../core/models/create-model.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { decodeTensors } from '../../../core/models/safetensors.ts'
import type { BoostedSpec } from '../../../core/models/spec.ts'
import { Random } from '../../../core/random.ts'
import { nodeBackend } from '../../../server/backend.ts'
import { trainBoosted } from '../../../server/training/boosted.ts'
import type { RunContext, TrainingData } from '../../../server/training/run.ts'

const SPEC: BoostedSpec = {
  id: 'boosted',
  name: 'Boosted trees',
  kind: 'boosted trees',
  type: 'boosted',
  recipe: {
    seed: 1,
    data: 'bars',
    validation: 100,
    rounds: 30,
    leaves: 4,
    rate: 0.3,
    penalty: 1,
    smallest: 0.5,
    features: 60,
    gradient: 0.1,
    copies: 1,
    rotate: 5,
  },
}

/** Even labels are vertical bars, odd ones horizontal; higher ones are further along; label 10 is a block. */
function bars(count: number, seed: number, classes = 10): LabelledImages {
  const random = new Random(seed, 0)
  const images = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, () => random.below(classes))
  for (const [n, label] of labels.entries()) {
    const place = 4 + (Math.min(label, 8) >> 1) * 4 + random.below(3)
    for (let along = 3; along < 25; along++) {
      for (let across = place; across < place + (label === 10 ? 8 : 1); across++) {
        images[n * 784 + (label % 2 ? Math.min(27, across) * 28 + along : along * 28 + Math.min(27, across))] = 255
      }
    }
  }
  return { images, labels, count }
}

const source = (name: string) => ({ name, source: 'made here', files: { [name]: '0'.repeat(64) } })

const dataOf = (classes: number): TrainingData => ({
  training: bars(500, 1, classes),
  validation: bars(100, 2, classes),
  test: bars(200, 3),
  sources: [source('bars')],
  testSource: source('bars-test'),
})
const DATA = dataOf(10)

function context(interruptedAfter = Infinity, checkpoint = 'nowhere'): RunContext {
  let rounds = 0
  return {
    command: 'inkling train boosted',
    out: 'nowhere',
    checkpoint,
    fresh: false,
    threads: 1,
    progress: { note: () => {}, update: () => void rounds++ },
    interrupted: () => rounds >= interruptedAfter,
    pause: async () => {},
  }
}

const checkpointPath = () => join(mkdtempSync(join(tmpdir(), 'inkling-boosted-')), 'checkpoint')
const run = (
  recipe: Readonly<Record<string, number | string>>,
  given = context(Infinity, checkpointPath()),
  data = DATA,
) => trainBoosted(SPEC, { ...SPEC.recipe, ...recipe }, data, given)

describe('trainBoosted', () => {
  test.each([
    10, 11,
  ])('leaves a card and weights of %i classes that load, and answer as in the card: over 90 % of bars not seen', async (classes) => {
    const result = await run({}, undefined, dataOf(classes))
    if (!result) throw new Error('interrupted')
    const card = parseCard(JSON.parse(JSON.stringify(result.card)))
    if (card.type !== 'boosted') throw new Error('another type')
    expect(card.test.accuracy).toBeGreaterThan(0.9)
    expect(card.boosted.classes).toBe(classes)
    const best = result.history?.findLast((figures) => figures.best)?.epoch ?? 0
    expect(card.boosted.trees).toBe(best * classes)
    const data = decodeTensors(result.files['weights.safetensors'] as Uint8Array, modelTensors(card))
    const model = createModel(await nodeBackend(modelMemory(card)), card, data)
    let right = 0
    for (const [i, label] of DATA.test.labels.entries()) {
      const probabilities = model.probabilities(DATA.test.images.subarray(i * 784, (i + 1) * 784))
      if (probabilities.indexOf(Math.max(...probabilities)) === label) right++
    }
    expect(right / 200).toBe(card.test.accuracy)
  })

  test('lowers the scores of what is no digit until at most 0.45 % of the validation digits are taken for that', async () => {
    const data = dataOf(11)
    // half of the zeros are called no digit
    const confuse = ({ labels }: LabelledImages) => {
      for (let i = 0; i < labels.length; i += 2) if (labels[i] === 0) labels[i] = 10
    }
    for (const set of [data.training, data.validation]) confuse(set)
    for (const rounds of [1, 20]) {
      const result = await run({ rounds }, undefined, data)
      if (result?.card.type !== 'boosted') throw new Error('another type')
      const { card, files } = result
      expect(card.boosted.otherBias).toBeLessThan(0)
      const weights = decodeTensors(files['weights.safetensors'] as Uint8Array, modelTensors(card))
      const model = createModel(await nodeBackend(modelMemory(card)), card, weights)
      let taken = 0
      for (const [i, label] of data.validation.labels.entries()) {
        const scores = model.scores(data.validation.images.subarray(i * 784, (i + 1) * 784))
        if (label < 10 && scores[10] > Math.max(...scores.subarray(0, 10))) taken++
      }
      expect(taken).toBe(0)
    }
  })

  test('gives the same bytes again, and other bytes for another seed or other changes to copies', async () => {
    const digest = async (changed: Readonly<Record<string, number>>) => (await run(changed))?.card.weights.sha256
    const first = await digest({})
    expect(await digest({})).toBe(first)
    expect(await digest({ seed: 2 })).not.toBe(first)
    expect(await digest({ rotate: 6 })).not.toBe(first)
  })

  test('goes on from a checkpoint to the same bytes and figures, interrupted at any round', async () => {
    const whole = await run({})
    for (const rounds of [1, 13, 26]) {
      const path = checkpointPath()
      expect(await run({}, context(rounds, path))).toBeUndefined()
      expect(existsSync(path)).toBe(true)
      const resumed = await run({}, context(Infinity, path))
      expect(resumed?.card.weights.sha256).toBe(whole?.card.weights.sha256)
      expect(resumed?.history).toEqual(whole?.history)
    }
  })

  test('refuses a checkpoint of another recipe, and a damaged one', async () => {
    const path = checkpointPath()
    await run({}, context(3, path))
    await expect(run({ rate: 0.2 }, context(Infinity, path))).rejects.toThrow('another recipe')
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(path, bytes)
    await expect(run({}, context(Infinity, path))).rejects.toThrow('is damaged')
  })

  test.each([
    ['rounds', 0],
    ['leaves', 129],
    ['leaves', 2.5],
    ['features', 201],
    ['copies', '2'],
    ['rate', 0],
    ['penalty', -1],
    ['smallest', Number.NaN],
    ['gradient', 1.5],
    ['rotate', 400],
  ])('refuses a recipe whose %s is %s, by name', async (name, value) => {
    await expect(run({ [name]: value })).rejects.toThrow(name)
  })
})
