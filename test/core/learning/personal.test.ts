/** What a visitor's own browser learns, on made-up digits. `npm run simulate -- yours` does it with real drawings. */

import { describe, expect, test } from 'vitest'
import { createPersonalLearner, type Lesson } from '../../../core/learning/personal.ts'
import { NOT_A_DIGIT } from '../../../core/learning/round.ts'
import type { NetworkCard } from '../../../core/models/card.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { otherDrawing } from '../../../core/synthetic/others.ts'
import { allFactories } from '../backends.ts'
import { bars, corrections, REPLAY_SET } from './digits.ts'
import { CONVOLUTIONS, NETWORKS, trainNetwork } from './networks.ts'

const factories = allFactories()
const fast = factories[factories.length - 1]
const LESSONS: readonly Lesson[] = corrections(12).map(({ input, label }) => ({ input, label }))

function network(layers: readonly LayerSpec[]) {
  const { data, card } = trainNetwork(fast, layers, bars(1500), bars(200, 5000))
  return { data, card: card as NetworkCard }
}

function learned(everyones: ReturnType<typeof network>, lessons: readonly Lesson[], backends = fast) {
  return finish(createPersonalLearner(backends, everyones, REPLAY_SET.draw).learn(lessons))
}

function finish(learning: ReturnType<ReturnType<typeof createPersonalLearner>['learn']>) {
  while (learning.advance());
  return learning.result()
}

/** Of some digits, how many a network with these weights answers right. */
function right({ card }: ReturnType<typeof network>, data: Uint8Array, lessons: readonly Lesson[]): number {
  const model = createModel(fast.create(modelMemory(card)), card, data)
  return lessons.filter(({ input, label }) => {
    const scores = [...model.scores(input)]
    return scores.indexOf(Math.max(...scores)) === label
  }).length
}

describe('what a visitor teaches', () => {
  const convolutions = network(CONVOLUTIONS)

  test.each(Object.entries(NETWORKS))('comes to the same bytes in every backend with %s', (_, layers) => {
    const everyones = layers === CONVOLUTIONS ? convolutions : network(layers)
    const [first, ...others] = factories.map((backends) => learned(everyones, LESSONS, backends))
    for (const other of others) expect(other).toEqual(first)
    expect(first).not.toEqual(everyones.data)
  })

  test('depends on the list alone, whatever was prepared and learned before', () => {
    const learner = createPersonalLearner(fast, convolutions, REPLAY_SET.draw)
    const alone = learned(convolutions, LESSONS)
    while (learner.prepare());
    const given = convolutions.data.slice()
    const abandoned = learner.learn(LESSONS.slice(5))
    for (let i = 0; i < 30; i++) abandoned.advance()
    expect(finish(learner.learn(LESSONS.slice(0, 3)))).toEqual(learned(convolutions, LESSONS.slice(0, 3)))
    expect(finish(learner.learn(LESSONS))).toEqual(alone)
    expect(finish(learner.learn([...LESSONS].reverse()))).not.toEqual(alone)
    expect(convolutions.data).toEqual(given)
  })

  test('is answered right afterwards, a single drawing too, and further ones of that hand', () => {
    const everyones = convolutions
    const misread = LESSONS.find((lesson) => right(everyones, everyones.data, [lesson]) === 0)
    if (!misread) throw new Error('all of these drawings are read as they are')
    expect(right(everyones, learned(everyones, [misread]), [misread])).toBe(1)
    const further = corrections(200).slice(12)
    const before = right(everyones, everyones.data, further)
    const after = right(everyones, learned(everyones, LESSONS), further)
    expect(200 - 12 - after).toBeLessThan((200 - 12 - before) / 2)
  })

  test('leaves what others draw as it was: of 400 digits at most 4 more are wrong', () => {
    const { images, labels } = REPLAY_SET.gate
    const digits = [...labels].map((label, i) => ({ input: images.subarray(i * 784, (i + 1) * 784), label }))
    const before = right(convolutions, convolutions.data, digits)
    expect(right(convolutions, learned(convolutions, LESSONS), digits)).toBeGreaterThanOrEqual(before - 4)
  })

  test('may be that a shape is no digit, to a network that knows what is none', () => {
    const everyones = network([{ type: 'dense', inputs: 784, outputs: 11 }])
    const { strokes, pen } = otherDrawing(5, 1, true)
    const shape = { input: preprocess(rasterizeStrokes(strokes, pen)), label: NOT_A_DIGIT }
    expect(right(everyones, everyones.data, [shape])).toBe(0)
    expect(right(everyones, learned(everyones, [shape]), [shape])).toBe(1)
  })

  test('is learned in small steps, and there is no result before the last', () => {
    const learning = createPersonalLearner(fast, convolutions, REPLAY_SET.draw).learn(LESSONS)
    expect(() => learning.result()).toThrow('not learned yet')
    const steps: number[] = []
    for (let step = learning.advance(); step; step = learning.advance()) {
      if (step.step > 0) steps.push(step.step)
      else expect(steps).toEqual([])
      expect(step.steps).toBe(200) // at most: some of them only until the last drawing is read as taught
    }
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1))
    expect(steps.length).toBeGreaterThan(100)
    expect(steps.length).toBeLessThanOrEqual(200)
  })
})
