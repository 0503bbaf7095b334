/** Learns a generator of digits from images: axes and clouds, rounded to the bytes that are shipped. */

import { CLASSES, PIXELS } from '../../data/dataset.ts'
import type { LabelledImages } from '../../models/evaluation.ts'
import { joinTensors } from '../../models/tensor.ts'
import { Random } from '../../random.ts'
import { GENERATOR_STREAMS as STREAMS } from '../../training/random-streams.ts'
import { BYTE_ZERO, CENTRE_STEP, CHOICE_SLOTS, DIRECTION_STEP, type GeneratorSizes } from '../generator.ts'
import { type Axes, pixelStatistics, principalAxes, project } from './axes.ts'
import { type Cloud, mixture } from './mixture.ts'

export interface GeneratorRecipe extends GeneratorSizes {
  readonly seed: number // u32
  readonly spread: number // factor of the standard deviations of clouds
  readonly tail: number // share by which they are larger still for the oddest images
  readonly paper: number // levels that become paper: the axes that were left out show as haze
  readonly strength: number // mean level of ink, weighted by itself, before levels above 255 are clipped
}

/**
 * The bytes of the generator's tensors. The same images and recipe give the same bytes.
 * @param tick called with the stage and how much of it is done; it may pause the work
 * @throws RangeError when a digit has fewer images than clouds
 */
export async function learnGenerator(
  set: LabelledImages,
  recipe: GeneratorRecipe,
  tick: (stage: string, done: number, total: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dimensions, clouds, directions, seed } = recipe
  await tick('pixels', 0, 1)
  const statistics = pixelStatistics(set)
  const random = new Random(seed, STREAMS.axes)
  const axes = await principalAxes(statistics, dimensions, random, (done, total) => tick('axes', done, total))
  const points = project(axes, set)
  const mixtures: Cloud[][] = []
  for (let label = 0; label < CLASSES; label++) {
    await tick('clouds', label, CLASSES)
    const ofDigit = pointsOf(label, points, set.labels, dimensions)
    mixtures.push(mixture(ofDigit, dimensions, clouds, directions, new Random(seed, STREAMS.clouds + label)))
  }
  return pack(axes, mixtures, recipe)
}

function pointsOf(label: number, points: Float64Array, labels: Uint8Array, dimensions: number): Float64Array {
  const members = Uint32Array.from(labels.keys()).filter((i) => labels[i] === label)
  const selected = new Float64Array(members.length * dimensions)
  for (const [to, from] of members.entries()) {
    selected.set(points.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions)
  }
  return selected
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

/** The table of clouds: each gets slots in proportion to its members, by largest remainder. */
function slots(members: readonly number[]): number[] {
  const total = members.reduce((sum, n) => sum + n)
  const counts = members.map((n) => Math.floor((n * CHOICE_SLOTS) / total))
  const remainders = members.map((n, k) => ({ k, rest: (n * CHOICE_SLOTS) % total })).sort((a, b) => b.rest - a.rest)
  const left = CHOICE_SLOTS - counts.reduce((sum, n) => sum + n)
  for (const { k } of remainders.slice(0, left)) counts[k]++
  return counts.flatMap((n, k) => new Array<number>(n).fill(k))
}
