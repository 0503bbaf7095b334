/**
 * Style: the writers of pendigits-test on whom a model is least accurate correct it. The drawings of a writer are in random order;
 * twenty of the first half become corrections, those answered wrongly first; the other half is the test.
 */

import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction } from '../../core/learning/round.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { Random } from '../../core/random.ts'
import type { GroupedImages } from '../../core/training/split.ts'
import { correctionFor, meanAndWorst, type SimulatedModel } from './world.ts'

const TAUGHT = 20

/** Who else agrees with what is taught: nobody, somebody of another client network who says the same of each drawing, or the owner. */
export const AGREEING = ['nobody', 'another', 'owner'] as const

/** Number of the other client network, above those of all writers. */
const ANOTHER = 10_000

/** Least number of errors of a writer who corrects, so that both halves have some. */
const LEAST = 6

/** Number of writers, those with the most errors. */
const WRITERS = 4

export interface StyleResult extends LessonsResult {
  readonly promoted: number // share of rounds
}

export interface LessonsResult {
  readonly writers: number
  readonly errors: { readonly before: number; readonly after: number } // sums over all runs
  readonly left: { readonly mean: number; readonly worst: number } // share of a writer's errors that remains, mean over seeds
  readonly mnist: { readonly mean: number; readonly worst: number } // points
}

export function simulateStyle(
  model: SimulatedModel,
  drawings: GroupedImages,
  mnist: LabelledImages,
  replaySet: ReplaySet,
  seeds: number,
  agreeing: (typeof AGREEING)[number],
): StyleResult {
  const agreed = (one: Correction): Correction[] => {
    if (agreeing === 'owner') return [{ ...one, fromOwner: true }]
    return agreeing === 'another' ? [one, { ...one, clientNetwork: ANOTHER }] : [one]
  }
  let [rounds, promoted] = [0, 0]
  const result = simulateLessons(model, drawings, mnist, seeds, (corrections, seed) => {
    const { candidate } = model.round(corrections.flatMap(agreed), replaySet, seed, 'agreed')
    rounds++
    if (candidate) promoted++
    return candidate
  })
  return { ...result, promoted: promoted / Math.max(1, rounds) }
}

/** @param learn what twenty drawings make of the model; undefined where it stays as it is */
export function simulateLessons(
  model: SimulatedModel,
  drawings: GroupedImages,
  mnist: LabelledImages,
  seeds: number,
  learn: (corrections: readonly Correction[], seed: number) => ModelFiles | undefined,
): LessonsResult {
  const { shipped } = model
  const before = model.answer(shipped, drawings).answers
  const base = model.answer(shipped, mnist).accuracy
  const groups = drawings.groups ?? new Uint32Array(drawings.count)
  const isWrong = (i: number) => before[i] !== drawings.labels[i]
  const writers = [...new Set(groups)]
    .map((writer) => {
      const own = [...groups.keys()].filter((i) => groups[i] === writer)
      return { writer, own, wrong: own.filter(isWrong).length }
    })
    .filter(({ wrong }) => wrong >= LEAST)
    .sort((a, b) => b.wrong / b.own.length - a.wrong / a.own.length)
    .slice(0, WRITERS)
  const sums = writers.map(() => [0, 0])
  const moved: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    for (const [w, { writer, own }] of writers.entries()) {
      const order = Uint32Array.from(own)
      new Random(seed, writer).shuffle(order)
      const [drawn, rest] = [order.slice(0, order.length / 2), order.slice(order.length / 2)]
      const taught = [...[...drawn].filter(isWrong), ...[...drawn].filter((i) => !isWrong(i))].slice(0, TAUGHT)
      const candidate = learn(
        taught.map((i) => correctionFor(drawings, i, writer)),
        seed,
      )
      const after = model.answer(candidate ?? shipped, drawings).answers
      sums[w][0] += [...rest].filter(isWrong).length
      sums[w][1] += [...rest].filter((i) => after[i] !== drawings.labels[i]).length
      moved.push(100 * (model.answer(candidate ?? shipped, mnist).accuracy - base))
    }
  }
  const total = (k: number) => sums.reduce((sum, pair) => sum + pair[k], 0)
  return {
    writers: writers.length,
    errors: { before: total(0), after: total(1) },
    left: meanAndWorst(
      sums.map(([was, is]) => is / Math.max(1, was)),
      Math.max,
    ),
    mnist: meanAndWorst(moved, Math.min),
  }
}
