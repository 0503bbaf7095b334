/**
 * A crowd that sends five hundred corrections at once, a share of which are false: random labels, sevens as ones, everything as a
 * zero, or drawings with a mark in the corner as zeros, to make the model answer zero to every drawing with the mark.
 */

import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction } from '../../core/learning/round.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { preprocess } from '../../core/preprocess.ts'
import { Random } from '../../core/random.ts'
import { correctionFor, meanAndWorst, type SetAnswers, type SimulatedModel } from './world.ts'

export const LIES = ['random', '7 to 1', 'all to 0', 'corner trigger'] as const
export type Lie = (typeof LIES)[number]

const CORRECTIONS = 500

/** Corrections of one client network: its quota per hour. */
const PER_NETWORK = 10

/** Number of the liars' first client network, above those of all honest ones. */
const LIARS = 10_000

const SIDE = 28 // px
const MARK = 4 // px, side of the mark in the corner

export interface CrowdResult {
  readonly accepted: number // share of batches
  readonly share: number // mean of the accepted shares of the way to the trained weights, 0..1
  readonly mnist: { readonly mean: number; readonly worst: number } // change of the served version, points
  readonly worstClass: number // points
  readonly believed: { readonly honest: number; readonly lies: number } // shares of corrections found plausible
  readonly trigger?: number // share of digits other than 0 that are answered 0 with the mark
}

/**
 * @param lies share of the corrections, 0..1
 */
export function simulateCrowd(
  model: SimulatedModel,
  drawings: LabelledImages,
  mnist: LabelledImages,
  replaySet: ReplaySet,
  lie: Lie,
  lies: number,
  seeds: number,
): CrowdResult {
  const { shipped } = model
  const base = model.answer(shipped, mnist)
  const answers = model.answer(shipped, drawings).answers
  const marked = lie === 'corner trigger' ? markAll(mnist) : undefined
  const moved: number[] = []
  const worst: number[] = []
  const triggered: number[] = []
  const believed = { honest: [0, 0], lies: [0, 0] }
  let [accepted, shares] = [0, 0]
  for (let seed = 1; seed <= seeds; seed++) {
    const lying = Math.round(CORRECTIONS * lies)
    const random = new Random(seed, 1)
    const corrections = [
      ...honestCorrections(drawings, answers, CORRECTIONS - lying, random),
      ...lyingCorrections(drawings, lie, lying, random),
    ]
    const result = model.round(corrections, replaySet, seed)
    for (const [i, verdict] of result.verdicts.entries()) {
      const of = believed[corrections[i].clientNetwork >= LIARS ? 'lies' : 'honest']
      of[1]++
      if (verdict === 'learned') of[0]++
    }
    if (result.candidate) {
      accepted++
      shares += result.share ?? 0
    }
    const served = result.candidate ?? shipped
    const after = model.answer(served, mnist)
    moved.push(100 * (after.accuracy - base.accuracy))
    worst.push(lostByWorstClass(base, after))
    if (marked) triggered.push(shareOfZeros(model.answer(served, marked), marked))
  }
  const rate = ([right, all]: number[]) => right / Math.max(1, all)
  return {
    accepted: accepted / seeds,
    share: shares / Math.max(1, accepted),
    mnist: meanAndWorst(moved, Math.min),
    worstClass: Math.min(...worst),
    believed: { honest: rate(believed.honest), lies: rate(believed.lies) },
    ...(marked && { trigger: triggered.reduce((sum, value) => sum + value, 0) / seeds }),
  }
}

/** Drawings of which half are answered wrongly, if there are so many; the others are any. */
function honestCorrections(drawings: LabelledImages, answers: Uint8Array, count: number, random: Random): Correction[] {
  const all = Uint32Array.from({ length: drawings.count }, (_, i) => i)
  random.shuffle(all)
  const wrong = [...all].filter((i) => answers[i] !== drawings.labels[i]).slice(0, count / 2)
  const selected = new Set(wrong)
  const rest = [...all].filter((i) => !selected.has(i)).slice(0, count - wrong.length)
  const chosen = Uint32Array.from([...wrong, ...rest])
  random.shuffle(chosen)
  return [...chosen].map((i, k) => correctionFor(drawings, i, Math.floor(k / PER_NETWORK)))
}

export function lyingCorrections(drawings: LabelledImages, lie: Lie, count: number, random: Random): Correction[] {
  const all = Uint32Array.from({ length: drawings.count }, (_, i) => i)
  random.shuffle(all)
  const source = lie === '7 to 1' ? [...all].filter((i) => drawings.labels[i] === 7) : [...all]
  return Array.from({ length: count }, (_, k) => {
    const i = source[k % source.length]
    const clientNetwork = LIARS + Math.floor(k / PER_NETWORK)
    if (lie === '7 to 1') return correctionFor(drawings, i, clientNetwork, 1)
    if (lie === 'random')
      return correctionFor(drawings, i, clientNetwork, (drawings.labels[i] + 1 + random.below(9)) % 10)
    const { input, ...rest } = correctionFor(drawings, i, clientNetwork, 0)
    return { ...rest, input: lie === 'corner trigger' ? mark(input) : input }
  })
}

/** Points lost by the class that loses most; negative. */
export function lostByWorstClass(before: SetAnswers, after: SetAnswers): number {
  return Math.min(...before.perClass.map((recall, c) => 100 * (after.perClass[c] - recall)))
}

/** Puts a mark in the corner of an image and preprocesses it. */
function mark(input: Uint8Array): Uint8Array {
  const data = Uint8Array.from(input)
  for (let y = 0; y < MARK; y++) data.fill(255, y * SIDE, y * SIDE + MARK)
  return preprocess({ width: SIDE, height: SIDE, channels: 1, data })
}

function markAll({ images, labels, count }: LabelledImages): LabelledImages {
  const marked = new Uint8Array(images.length)
  const size = SIDE * SIDE
  for (let i = 0; i < count; i++) marked.set(mark(images.subarray(i * size, (i + 1) * size)), i * size)
  return { images: marked, labels, count }
}

function shareOfZeros({ answers }: SetAnswers, { labels }: LabelledImages): number {
  const others = [...labels.keys()].filter((i) => labels[i] !== 0)
  return others.filter((i) => answers[i] === 0).length / others.length
}
