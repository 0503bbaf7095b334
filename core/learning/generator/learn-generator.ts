/** Learns a generator of digits from images: axes, clouds, and all of it rounded to the bytes that are shipped. */

import { CLASSES, PIXELS } from '../../data/dataset.ts'
import type { LabelledImages } from '../../models/evaluation.ts'
import { joinTensors } from '../../models/tensor.ts'
import { Random } from '../../random.ts'
import { BYTE_ZERO, CENTRE_STEP, CHOICE_SLOTS, DIRECTION_STEP, type GeneratorSizes } from '../generator.ts'
import { type Axes, pixelStatistics, principalAxes, project } from './axes.ts'
import { type Cloud, mixture } from './mixture.ts'

// Streams of core/random.ts; one more for each digit.
const STREAM_AXES = 0
const STREAM_CLOUDS = 1

export interface GeneratorRecipe extends GeneratorSizes {
  readonly seed: number // u32
  readonly spread: number // standard deviations of a cloud are made so many times as long
  readonly tail: number // share by which they are longer still for the oddest images
  readonly paper: number // levels that become paper: what axes left out leaves a haze
  readonly strength: number // levels that ink has on average, each pixel counted by its ink, before those above 255 are cut
}

/**
 * The bytes of the tensors of a generator. Same images, same recipe, same bytes.
 * @param tick called now and then with the stage and how much of it is done
 * @throws RangeError when there are fewer images of a digit than clouds
 */
export async function learnGenerator(
  set: LabelledImages,
  recipe: GeneratorRecipe,
  tick: (stage: string, done: number, total: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dimensions, clouds, directions, seed } = recipe
  await tick('pixels', 0, 1)
  const statistics = pixelStatistics(set)
  const random = new Random(seed, STREAM_AXES)
  const axes = await principalAxes(statistics, dimensions, random, (done, total) => tick('axes', done, total))
  const places = project(axes, set)
  const mixtures: Cloud[][] = []
  for (let label = 0; label < CLASSES; label++) {
    await tick('clouds', label, CLASSES)
    const own = ofLabel(places, set.labels, label, dimensions)
    mixtures.push(mixture(own, dimensions, clouds, directions, new Random(seed, STREAM_CLOUDS + label)))
  }
  return pack(axes, mixtures, recipe)
}

function ofLabel(places: Float64Array, labels: Uint8Array, label: number, dimensions: number): Float64Array {
  const members = Uint32Array.from(labels.keys()).filter((i) => labels[i] === label)
  const own = new Float64Array(members.length * dimensions)
  for (const [to, from] of members.entries()) {
    own.set(places.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions)
  }
  return own
}

function pack({ mean, rows, deviations }: Axes, mixtures: readonly Cloud[][], recipe: GeneratorRecipe) {
  const { dimensions, spread } = recipe
  const scales = new Float32Array(dimensions)
  const axes = new Uint8Array(dimensions * PIXELS)
  for (let d = 0; d < dimensions; d++) {
    const row = rows.subarray(d * PIXELS, (d + 1) * PIXELS)
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)
    scales[d] = (deviations[d] * largest) / 127
    for (let p = 0; p < PIXELS; p++) axes[d * PIXELS + p] = toByte((row[p] / largest) * 127)
  }
  const all = mixtures.flat()
  const bytes = (values: (cloud: Cloud) => Float64Array, step: number) => {
    return Uint8Array.from(
      all.flatMap((cloud) => Array.from(values(cloud), (v, i) => toByte(v / deviations[i % dimensions] / step))),
    )
  }
  return joinTensors([
    Float32Array.of(recipe.paper, recipe.strength, recipe.tail),
    scales,
    Uint8Array.from(mean, Math.round),
    axes,
    bytes(({ centre }) => centre, CENTRE_STEP),
    bytes(({ directions }) => directions, DIRECTION_STEP / spread),
    Uint8Array.from(mixtures.flatMap((clouds) => slots(clouds.map(({ members }) => members)))),
  ])
}

function toByte(value: number): number {
  return BYTE_ZERO + Math.max(-BYTE_ZERO, Math.min(127, Math.round(value)))
}

/** Hands out the slots in proportion; what is left over after whole slots goes to the greatest remainders. */
function slots(members: readonly number[]): number[] {
  const total = members.reduce((sum, n) => sum + n)
  const given = members.map((n) => Math.floor((n * CHOICE_SLOTS) / total))
  const remainders = members.map((n, k) => ({ k, rest: (n * CHOICE_SLOTS) % total })).sort((a, b) => b.rest - a.rest)
  const left = CHOICE_SLOTS - given.reduce((sum, n) => sum + n)
  for (const { k } of remainders.slice(0, left)) given[k]++
  return given.flatMap((n, k) => new Array<number>(n).fill(k))
}
