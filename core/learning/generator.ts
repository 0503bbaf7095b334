/**
 * Generates images of digits that nobody drew, for where no data set is: a digit is one of several clouds of places along
 * the axes in which digits differ, and a place is an image. Whole numbers wherever it matters: the same bytes everywhere.
 */

import { CLASSES, PIXELS } from '../data/dataset.ts'
import type { LabelledImages } from '../models/evaluation.ts'
import { type TensorSpec, tensorPlaces, tensorValues } from '../models/tensor.ts'
import { philox, philoxBlock } from '../random.ts'
import type { ReplaySet } from './replay-set.ts'

/** Slots of the table that says how often each cloud of a digit comes: of 256 images so many are of cloud k. */
export const CHOICE_SLOTS = 256

/** Bytes of the file count from 128. Places and directions are in standard deviations of all images along an axis. */
export const BYTE_ZERO = 128
export const CENTRE_STEP = 1 / 32
export const DIRECTION_STEP = 1 / 64

/** Images the gate compares on, as many of each digit. */
const GATE = 5000

// Keys of core/random.ts: what is drawn and what the gate sees have nothing in common.
const [KEY_DRAWN, KEY_GATE] = [0x1a4e_91d3, 0x9b07_52c6]

/** Contrast is raised at most so many times. */
const MOST = 3

const FRACTION = 65_536 // a level of grey is so many units while an image is summed up
const DEVIATION = 37_837.23 // of the sum of four u16: sqrt(4 (2^32 - 1) / 12)

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
    tensor('scales', 'F32', dimensions), // levels of grey that one step of an axis is worth at a place of 1
    tensor('mean', 'U8', PIXELS), // levels of grey
    tensor('axes', 'U8', dimensions, PIXELS),
    tensor('centres', 'U8', CLASSES, clouds, dimensions),
    tensor('directions', 'U8', CLASSES, clouds, directions, dimensions),
    tensor('choices', 'U8', CLASSES, CHOICE_SLOTS), // clouds
  ]
}

/**
 * @param data the bytes of the tensors, one after another
 * @throws RangeError when they are not of these sizes
 */
export function createGenerator(sizes: GeneratorSizes, data: Uint8Array): ReplaySet {
  const places = tensorPlaces(generatorTensors(sizes))
  if (data.length !== places[places.length - 1].end) {
    throw new RangeError(`the generator has ${data.length} bytes, ${places[places.length - 1].end} expected`)
  }
  const [settings, scales, mean, axisBytes, centres, spreads, choices] = places.map((p) => tensorValues(data, p))
  const { dimensions, clouds, directions } = sizes
  if (choices.some((cloud) => cloud >= clouds)) throw new RangeError(`a choice is no cloud, there are ${clouds}`)
  const [paper, strength, tail] = settings
  const axes = new Int8Array(Math.ceil(dimensions / 4) * 4 * PIXELS)
  for (const [i, byte] of axisBytes.entries()) axes[i] = byte - BYTE_ZERO
  const start = Int32Array.from(mean, (level) => level * FRACTION)
  const place = new Float64Array(dimensions)
  const sums = new Int32Array(PIXELS)

  // Four at a time: the sums are read and written a quarter as often.
  function addAxes(first: number): void {
    const units = [0, 1, 2, 3].map((i) => {
      return first + i < dimensions ? Math.round(place[first + i] * scales[first + i] * FRACTION) : 0
    })
    const [a, b, c, d] = units
    const at = first * PIXELS
    for (let p = 0; p < PIXELS; p++) {
      const two = Math.imul(a, axes[at + p]) + Math.imul(b, axes[at + PIXELS + p])
      const more = Math.imul(c, axes[at + 2 * PIXELS + p]) + Math.imul(d, axes[at + 3 * PIXELS + p])
      sums[p] += two + more
    }
  }

  function generate(target: Uint8Array, key: number, index: number): number {
    // every digit once in ten, and no digit always at the same place of the ten
    const label = (index + philox(key, 0, Math.floor(index / CLASSES))) % CLASSES
    const [choice, strangeness] = philoxBlock(key, 1, index)
    const cloud = label * clouds + choices[label * CHOICE_SLOTS + (choice % CHOICE_SLOTS)]
    // most hands are near to the usual, and a few are far from it: more than a Gaussian has
    const odd = strangeness / 4_294_967_296
    const far = (1 + tail * odd * odd * odd) / DEVIATION
    for (let d = 0; d < dimensions; d++) place[d] = (centres[cloud * dimensions + d] - BYTE_ZERO) * CENTRE_STEP
    for (let r = 0; r < directions; r++) {
      const [a, b] = philoxBlock(key, 2 + r, index)
      const step = ((a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) - 131_070) * far * DIRECTION_STEP
      const from = (cloud * directions + r) * dimensions
      for (let d = 0; d < dimensions; d++) place[d] += step * (spreads[from + d] - BYTE_ZERO)
    }
    sums.set(start)
    for (let d = 0; d < dimensions; d += 4) addAxes(d)
    // a sum of axes is paler than the strokes it stands for, and leaves a haze where they are not
    let [ink, squares] = [1, 0]
    for (let p = 0; p < PIXELS; p++) {
      const level = sums[p] / FRACTION - paper
      if (level <= 0) continue
      ink += level
      squares += level * level
    }
    const factor = Math.min(MOST, (strength * ink) / (squares + 1))
    for (let p = 0; p < PIXELS; p++) {
      const level = Math.floor((sums[p] / FRACTION - paper) * factor + 0.5)
      target[p] = level < 0 ? 0 : level > 255 ? 255 : level
    }
    return label
  }

  let gate: LabelledImages | undefined
  return {
    name: 'replay',
    draw: (target, index) => generate(target, KEY_DRAWN, index),
    get gate() {
      gate ??= labelledImages((target, index) => generate(target, KEY_GATE, index), GATE)
      return gate
    },
  }
}

/** The first images of a source, side by side. */
export function labelledImages(draw: ReplaySet['draw'], count: number): LabelledImages {
  const [images, labels] = [new Uint8Array(count * PIXELS), new Uint8Array(count)]
  for (let i = 0; i < count; i++) labels[i] = draw(images.subarray(i * PIXELS, (i + 1) * PIXELS), i)
  return { images, labels, count }
}
