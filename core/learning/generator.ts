/**
 * Generates images of digits, for machines without a data set. A point in the space of the principal axes of digits is an image,
 * and the points of each digit are drawn from several clouds. Integers wherever rounding matters: the same bytes everywhere.
 */

import { CLASSES, PIXELS } from '../data/dataset.ts'
import type { LabelledImages } from '../models/evaluation.ts'
import { type TensorSpec, tensorPlaces, tensorValues } from '../models/tensor.ts'
import { philox, philoxBlock } from '../random.ts'
import type { ReplaySet } from './replay-set.ts'

/** Slots of a digit's table of clouds: a cloud that has k slots is drawn for k of 256 images. */
export const CHOICE_SLOTS = 256

/** The byte that means 0. Centres and directions are in standard deviations of all images along an axis. */
export const BYTE_ZERO = 128
export const CENTRE_STEP = 1 / 32
export const DIRECTION_STEP = 1 / 64

/** Images for the gate, the same number of each digit. */
const GATE = 5000

/** Images for the gate per call of `generateGate`. */
const GATE_PIECE = 250

// Keys of core/random.ts: images that are replayed and images of the gate share no draws.
const [KEY_DRAWN, KEY_GATE] = [0x1a4e_91d3, 0x9b07_52c6]

/** Largest factor by which contrast is raised. */
const MAX_CONTRAST = 3

const FRACTION = 65_536 // units per level of grey in sums
const DEVIATION = 37_837.23 // standard deviation of the sum of four uniform u16: sqrt(4 (2^32 - 1) / 12)

export interface GeneratorSizes {
  readonly dimensions: number // axes
  readonly clouds: number // of each digit
  readonly directions: number // of each cloud
}

/** The tensors of the file, in its order. */
export function generatorTensors({ dimensions, clouds, directions }: GeneratorSizes): readonly TensorSpec[] {
  const tensor = (name: string, dtype: 'F32' | 'U8', ...shape: number[]) => {
    return { name, dtype, shape, length: shape.reduce((product, side) => product * side) }
  }
  return [
    tensor('settings', 'F32', 3), // paper, strength, tail: see GeneratorRecipe
    tensor('scales', 'F32', dimensions), // levels of grey per unit of an axis, at a coordinate of 1
    tensor('mean', 'U8', PIXELS), // levels of grey
    tensor('axes', 'U8', dimensions, PIXELS),
    tensor('centres', 'U8', CLASSES, clouds, dimensions),
    tensor('directions', 'U8', CLASSES, clouds, directions, dimensions),
    tensor('choices', 'U8', CLASSES, CHOICE_SLOTS), // clouds
  ]
}

/**
 * @param data the bytes of the tensors, one after another
 * @throws RangeError when their length or a choice does not fit the sizes
 */
export function createGenerator(sizes: GeneratorSizes, data: Uint8Array): ReplaySet {
  const places = tensorPlaces(generatorTensors(sizes))
  if (data.length !== places[places.length - 1].end) {
    throw new RangeError(`the generator has ${data.length} bytes, ${places[places.length - 1].end} expected`)
  }
  const [settings, scales, mean, axisBytes, centres, directionBytes, choices] = places.map((p) => tensorValues(data, p))
  const { dimensions, clouds, directions } = sizes
  if (choices.some((cloud) => cloud >= clouds)) throw new RangeError(`a choice is no cloud, there are ${clouds}`)
  const [paper, strength, tail] = settings
  const axes = new Int8Array(Math.ceil(dimensions / 4) * 4 * PIXELS)
  for (const [i, byte] of axisBytes.entries()) axes[i] = byte - BYTE_ZERO
  const start = Int32Array.from(mean, (level) => level * FRACTION)
  const point = new Float64Array(dimensions)
  const sums = new Int32Array(PIXELS)

  // Adds four axes at a time, so that the sums are read and written a quarter as often.
  function addAxes(first: number): void {
    const units = [0, 1, 2, 3].map((i) => {
      return first + i < dimensions ? Math.round(point[first + i] * scales[first + i] * FRACTION) : 0
    })
    const [a, b, c, d] = units
    const at = first * PIXELS
    for (let p = 0; p < PIXELS; p++) {
      const ab = Math.imul(a, axes[at + p]) + Math.imul(b, axes[at + PIXELS + p])
      const cd = Math.imul(c, axes[at + 2 * PIXELS + p]) + Math.imul(d, axes[at + 3 * PIXELS + p])
      sums[p] += ab + cd
    }
  }

  function generate(target: Uint8Array, key: number, index: number): number {
    // every digit once in ten images, in an order that changes from ten to ten
    const label = (index + philox(key, 0, Math.floor(index / CLASSES))) % CLASSES
    const [choice, oddness] = philoxBlock(key, 1, index)
    const cloud = label * clouds + choices[label * CHOICE_SLOTS + (choice % CHOICE_SLOTS)]
    // handwriting has heavier tails than a Gaussian
    const odd = oddness / 4_294_967_296
    const spread = (1 + tail * odd * odd * odd) / DEVIATION
    for (let d = 0; d < dimensions; d++) point[d] = (centres[cloud * dimensions + d] - BYTE_ZERO) * CENTRE_STEP
    for (let r = 0; r < directions; r++) {
      const [a, b] = philoxBlock(key, 2 + r, index)
      const step = ((a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) - 131_070) * spread * DIRECTION_STEP
      const from = (cloud * directions + r) * dimensions
      for (let d = 0; d < dimensions; d++) point[d] += step * (directionBytes[from + d] - BYTE_ZERO)
    }
    sums.set(start)
    for (let d = 0; d < dimensions; d += 4) addAxes(d)
    // a sum of axes is paler than strokes are, and leaves a haze on the paper
    let [ink, squares] = [1, 0]
    for (let p = 0; p < PIXELS; p++) {
      const level = sums[p] / FRACTION - paper
      if (level <= 0) continue
      ink += level
      squares += level * level
    }
    const factor = Math.min(MAX_CONTRAST, (strength * ink) / (squares + 1))
    for (let p = 0; p < PIXELS; p++) {
      const level = Math.floor((sums[p] / FRACTION - paper) * factor + 0.5)
      target[p] = level < 0 ? 0 : level > 255 ? 255 : level
    }
    return label
  }

  let gate: LabelledImages | undefined
  let generated = 0 // images of the gate

  function generateGate(): boolean {
    if (generated === GATE) return false
    gate ??= { images: new Uint8Array(GATE * PIXELS), labels: new Uint8Array(GATE), count: GATE }
    for (const end = Math.min(GATE, generated + GATE_PIECE); generated < end; generated++) {
      const target = gate.images.subarray(generated * PIXELS, (generated + 1) * PIXELS)
      gate.labels[generated] = generate(target, KEY_GATE, generated)
    }
    return true
  }

  return {
    name: 'replay',
    draw: (target, index) => generate(target, KEY_DRAWN, index),
    generateGate,
    get gate() {
      while (generateGate());
      return gate as LabelledImages
    },
  }
}

/** The first `count` images of a source, with their labels. */
export function labelledImages(draw: ReplaySet['draw'], count: number): LabelledImages {
  const [images, labels] = [new Uint8Array(count * PIXELS), new Uint8Array(count)]
  for (let i = 0; i < count; i++) labels[i] = draw(images.subarray(i * PIXELS, (i + 1) * PIXELS), i)
  return { images, labels, count }
}
