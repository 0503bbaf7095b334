/** Evaluation and calibration of given answers. */

import { describe, expect, test } from 'vitest'
import { calibration } from '../../../core/models/calibration.ts'
import {
  evaluate,
  evaluateModel,
  type LabelledImages,
  lossBuffers,
  lossMemory,
} from '../../../core/models/evaluation.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { createNetwork, networkMemory } from '../../../core/models/network.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

/** A model whose probabilities are the image's first ten bytes, in percent. */
const parrot = { scores: (input: Uint8Array) => Float32Array.from(input.subarray(0, 10), (byte) => byte / 100) }

function imagesOf(rows: readonly { label: number; percents: readonly number[] }[], refused: number[]): LabelledImages {
  const images = new Uint8Array(rows.length * 784)
  for (const [i, { percents }] of rows.entries()) images.set(percents, i * 784)
  return { images, labels: Uint8Array.from(rows, ({ label }) => label), count: rows.length, refused }
}

const SURE_OF_2 = [0, 0, 100, 0, 0, 0, 0, 0, 0, 0]
const TORN = [0, 0, 0, 40, 0, 0, 0, 0, 60, 0]

describe('the evaluation of a model', () => {
  const set = imagesOf(
    [
      { label: 2, percents: SURE_OF_2 },
      { label: 8, percents: TORN },
      { label: 3, percents: TORN },
      { label: 8, percents: SURE_OF_2 },
      { label: 5, percents: SURE_OF_2 },
    ],
    [4],
  )
  const measured = evaluateModel(parrot, set)

  test('counts correct answers, the confusion matrix, and refused images as errors', () => {
    expect(measured.correct).toBe(2)
    expect(measured.accuracy).toBe(0.4)
    expect(measured.standardError).toBeCloseTo(Math.sqrt((0.4 * 0.6) / 5), 12)
    expect([...measured.answers]).toEqual([2, 8, 8, 2, 10])
    expect(measured.confusion[8]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0])
    expect(measured.confusion[5][10]).toBe(1)
    expect([measured.perClass[2], measured.perClass[8], measured.perClass[3], measured.perClass[0]]).toEqual([
      1, 0.5, 0, 0,
    ])
  })

  test('has the mean cross-entropy of answered images as loss, a probability of 0 counting as 1e-7', () => {
    const wanted = -(Math.log(1) + Math.log(0.6) + Math.log(0.4) + Math.log(1e-7)) / 4
    expect(measured.loss).toBeCloseTo(wanted, 5)
  })

  test('computes calibration without refused images', () => {
    expect(measured.calibration.bins.reduce((sum, { images }) => sum + images, 0)).toBe(4)
    // two answers of confidence 1, one of them right; two of confidence 0.6, one of them right
    expect(measured.calibration.error).toBeCloseTo((2 * 0.5 + 2 * 0.1) / 4, 6)
  })

  test('does not run refused images, and reports its progress', () => {
    const heard: number[] = []
    let asked = 0
    const counting = {
      scores(input: Uint8Array) {
        asked++
        return parrot.scores(input)
      },
    }
    evaluateModel(counting, set, (done) => heard.push(done))
    expect([asked, heard]).toEqual([4, [1, 2, 3, 4, 5]])
  })
})

test('a network evaluated in batches answers as it does image by image, in every backend', () => {
  const layers: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]
  const random = new Random(3, 0)
  const images = Uint8Array.from({ length: 23 * 784 }, () => (random.below(5) === 0 ? random.below(256) : 0))
  const set = { images, labels: Uint8Array.from({ length: 23 }, () => random.below(10)), count: 23, refused: [7] }
  const parameters = Float32Array.from({ length: 7850 }, () => random.uniform() - 0.5)
  for (const backend of allBackends(2 * networkMemory(layers, 10, false) + 2 * lossMemory(10))) {
    const network = createNetwork(backend, layers, 10, false)
    network.parameters.set(parameters)
    const whole = evaluate(backend, network, lossBuffers(backend, 10), set)
    const single = evaluateModel(
      {
        scores(input) {
          network.bytes.set(input)
          network.forward(1)
          network.toProbabilities(1)
          return backend.arena.f32(network.outputsAt, 10)
        },
      },
      set,
    )
    expect(single.answers).toEqual(whole.answers)
    expect(single.confidences).toEqual(whole.confidences)
    expect(single.confusion).toEqual(whole.confusion)
    expect(Math.abs(single.loss - whole.loss)).toBeLessThan(1e-5 * whole.loss)
  }
})

describe('the expected calibration error', () => {
  test('is 0 if every confidence is the share of correct answers', () => {
    const confidences = Array<number>(8).fill(0.75)
    expect(calibration(confidences, [1, 1, 1, 0, 1, 1, 1, 0]).error).toBe(0)
    expect(calibration(confidences, [1, 1, 1, 1, 1, 1, 1, 0]).error).toBe(0.125)
  })

  test('weights the gaps of 15 bins by their images', () => {
    const { error, bins } = calibration([0.95, 0.95, 0.95, 0.3], [1, 1, 0, 1])
    expect(bins).toHaveLength(15)
    expect(error).toBeCloseTo((3 * (0.95 - 2 / 3) + 0.7) / 4, 12)
  })

  test('puts a confidence on a border into the bin below it, and 0 and 1 into the first and the last', () => {
    const { bins } = calibration([0, 1 / 15, 1], [0, 0, 1])
    expect(bins.map(({ images }) => images)).toEqual([2, ...Array(13).fill(0), 1])
  })
})
