/** The generator of digits, learned from made-up ones: same bytes everywhere, all digits equally often, separate images for the gate. */

import { beforeAll, describe, expect, test } from 'vitest'
import { pixelStatistics, principalAxes } from '../../../core/learning/generator/axes.ts'
import { eigen } from '../../../core/learning/generator/eigen.ts'
import { type GeneratorRecipe, learnGenerator } from '../../../core/learning/generator/learn-generator.ts'
import { createGenerator, generatorTensors, labelledImages } from '../../../core/learning/generator.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { tensorBytes } from '../../../core/models/tensor.ts'
import { Random } from '../../../core/random.ts'

const RECIPE: GeneratorRecipe = {
  seed: 1,
  dimensions: 10,
  clouds: 2,
  directions: 3,
  spread: 1,
  tail: 0.5,
  paper: 20,
  strength: 230,
}
const wait = async () => {}

// A bar in a column of its own for each digit, of random length and shade.
function bars(count: number): LabelledImages {
  const random = new Random(7, 0)
  const [images, labels] = [new Uint8Array(count * 784), new Uint8Array(count)]
  for (let i = 0; i < count; i++) {
    labels[i] = i % 10
    const [from, to, ink] = [4 + random.below(4), 18 + random.below(6), 180 + random.below(76)]
    for (let y = from; y < to; y++) images[i * 784 + y * 28 + 4 + labels[i] * 2] = ink
  }
  return { images, labels, count }
}

const column = (image: Uint8Array): number => {
  const ink = Array.from({ length: 10 }, (_, c) => {
    let sum = 0
    for (let y = 0; y < 28; y++) sum += image[y * 28 + 4 + 2 * c]
    return sum
  })
  return ink.indexOf(Math.max(...ink))
}

describe('eigen', () => {
  test('gives back a random symmetric matrix of 20 within 1e-10, from orthonormal vectors', () => {
    const n = 20
    const random = new Random(3, 0)
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        matrix[i * n + j] = random.uniform() - 0.5
        matrix[j * n + i] = matrix[i * n + j]
      }
    }
    const { values, vectors } = eigen(matrix, n)
    for (let i = 1; i < n; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1])
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let [sum, product] = [0, 0]
        for (let k = 0; k < n; k++) {
          sum += values[k] * vectors[k * n + i] * vectors[k * n + j]
          product += vectors[i * n + k] * vectors[j * n + k]
        }
        expect(Math.abs(sum - matrix[i * n + j])).toBeLessThan(1e-10)
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-10)
      }
    }
  })
})

describe('principal axes', () => {
  test('explain all of the variance of images that vary along fewer axes than are asked for', async () => {
    // two strips whose shades change independently
    const random = new Random(5, 0)
    const images = new Uint8Array(200 * 784)
    for (let i = 0; i < 200; i++) {
      images.fill(1 + random.below(255), i * 784 + 100, i * 784 + 110)
      images.fill(random.below(200), i * 784 + 300, i * 784 + 305)
    }
    const statistics = pixelStatistics({ images, labels: new Uint8Array(200), count: 200 })
    const { deviations } = await principalAxes(statistics, 2, new Random(1, 0), wait)
    let variance = 0
    for (let p = 0; p < 784; p++) variance += statistics.covariance[p * 785]
    const explained = deviations[0] ** 2 + deviations[1] ** 2
    expect(Math.abs(explained / variance - 1)).toBeLessThan(1e-9)
  })
})

describe('a generator', () => {
  let learned: Uint8Array // of ten kinds of bars
  beforeAll(async () => {
    learned = await learnGenerator(bars(600), RECIPE, wait)
  })

  test('learned from ten kinds of bars draws each bar in the column of its digit', () => {
    const { draw } = createGenerator(RECIPE, learned)
    const { images, labels, count } = labelledImages(draw, 500)
    for (let i = 0; i < count; i++) expect(column(images.subarray(i * 784, (i + 1) * 784))).toBe(labels[i])
  })

  test('needs as many images of a digit as clouds', async () => {
    await expect(learnGenerator(bars(10), RECIPE, wait)).rejects.toThrow(/1 images of a digit, 2 clouds/)
  })

  test('refuses data of another length, and a choice that is not a cloud', () => {
    const data = new Uint8Array(tensorBytes(generatorTensors(RECIPE)))
    expect(() => createGenerator(RECIPE, data.subarray(1))).toThrow(RangeError)
    data[data.length - 1] = 2
    expect(() => createGenerator(RECIPE, data)).toThrow(/no cloud/)
  })
})
