/** A model in a simulation: it learns as in the server's learning thread, and answers sets of images. */

import { join } from 'node:path'
import type { BackendFactory } from '../../core/backend/backend.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import type { BorderDigits } from '../../core/learning/border.ts'
import { createRound } from '../../core/learning/create-round.ts'
import { createTrunk, cutNetwork, headParameters, trunkMemory } from '../../core/learning/network-cut.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction, RoundCache, RoundResult } from '../../core/learning/round.ts'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import { type LabelledImages, mostProbable } from '../../core/models/evaluation.ts'
import { createNetwork, networkMemory } from '../../core/models/network.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { SHIPPED_MODELS } from '../../server/files/program.ts'
import { loadModel } from '../../server/models/load.ts'

const BATCH = 100 // images

/** A model's answers to a set of images. */
export interface SetAnswers {
  readonly answers: Uint8Array
  readonly accuracy: number // 0..1
  readonly perClass: readonly number[]
}

/** A model that learns in a simulation. */
export interface SimulatedModel {
  readonly shipped: ModelFiles
  readonly opinions: readonly ModelFiles[]
  /** Runs a whole round on these corrections, as the server's learning thread does. */
  round(corrections: readonly Correction[], replaySet: ReplaySet, seed: number, teachers?: Teachers): RoundResult
  answer(model: ModelFiles, set: LabelledImages): SetAnswers
}

/** Shipped models that give second opinions, the most accurate first. */
const OPINIONS = ['cnn', 'cnn-small', 'mlp-300-100-bn']

/** Shipped models of other families, as in server/learning/task.ts. */
const FAMILIES = ['knn', 'boosted', 'forest']

export function createSimulatedModel(id: string, backends: BackendFactory, border?: BorderDigits): SimulatedModel {
  const open = (name: string): ModelFiles => loadModel(join(SHIPPED_MODELS, name))
  const shipped = open(id)
  const opinions = OPINIONS.filter((name) => name !== id)
    .slice(0, 2)
    .concat(FAMILIES.filter((name) => name !== id))
    .map(open)
  const { card } = shipped
  const caches = new Map<string, RoundCache>() // by the name of the replay set
  const answer = card.type === 'network' ? createAnswering(backends, { ...shipped, card }) : slowly(backends)
  return {
    shipped,
    opinions,
    round(corrections, replaySet, seed, teachers = 'anyone') {
      const cache = caches.get(replaySet.name) ?? { large: {} }
      caches.set(replaySet.name, cache)
      const round = createRound(backends, {
        shipped,
        served: shipped,
        secondOpinions: opinions,
        corrections,
        teachers,
        ...(border && { border }),
        replaySet,
        seed,
        cache,
      })
      while (round.advance());
      return round.result()
    },
    answer,
  }
}

function slowly(backends: BackendFactory) {
  return (files: ModelFiles, set: LabelledImages): SetAnswers => {
    const model = openModel(backends, files)
    const answers = new Uint8Array(set.count)
    for (let i = 0; i < set.count; i++) {
      answers[i] = mostProbable(model.probabilities(set.images.subarray(i * PIXELS, (i + 1) * PIXELS)), 0, 10)
    }
    return summarise(answers, set)
  }
}

// Learning does not change the convolutions, so their features are cached for all versions.
function createAnswering(backends: BackendFactory, shipped: { card: NetworkCard; data: Uint8Array }) {
  const cut = cutNetwork(shipped.card.layers)
  const { features } = cut
  const whole = new Float32Array(shipped.data.slice().buffer)
  const backend = backends.create(trunkMemory(cut, BATCH) + networkMemory(cut.head, BATCH, false) + 65_536)
  const trunk = createTrunk(backend, cut, whole, BATCH)
  const head = createNetwork(backend, cut.head, BATCH, false)
  const cache = new WeakMap<LabelledImages, Float32Array>()

  function featuresOf(set: LabelledImages): Float32Array {
    const cached = cache.get(set)
    if (cached) return cached
    const values = new Float32Array(set.count * features)
    for (let from = 0; from < set.count; from += BATCH) {
      const n = Math.min(BATCH, set.count - from)
      values.set(trunk.features(set.images.subarray(from * PIXELS, (from + n) * PIXELS), n), from * features)
    }
    cache.set(set, values)
    return values
  }

  return ({ data }: ModelFiles, set: LabelledImages): SetAnswers => {
    const values = featuresOf(set)
    head.parameters.set(headParameters(cut, new Float32Array(data.slice().buffer)))
    const answers = new Uint8Array(set.count)
    for (let from = 0; from < set.count; from += BATCH) {
      const n = Math.min(BATCH, set.count - from)
      const part = values.subarray(from * features, (from + n) * features)
      backend.arena.f32(head.inputsAt, n * features).set(part)
      head.forwardValues(n)
      const outputs = backend.arena.f32(head.outputsAt, n * head.outputs)
      for (let i = 0; i < n; i++) answers[from + i] = mostProbable(outputs, i * head.outputs, 10)
    }
    return summarise(answers, set)
  }
}

function summarise(answers: Uint8Array, { labels, count }: LabelledImages): SetAnswers {
  const [right, all] = [new Array<number>(10).fill(0), new Array<number>(10).fill(0)]
  for (let i = 0; i < count; i++) {
    all[labels[i]]++
    if (answers[i] === labels[i]) right[labels[i]]++
  }
  return {
    answers,
    accuracy: right.reduce((sum, n) => sum + n) / count,
    perClass: right.map((n, c) => n / Math.max(1, all[c])),
  }
}

/** A drawing of a set as a correction of it. */
export function correctionFor(
  set: LabelledImages,
  i: number,
  clientNetwork: number,
  label = set.labels[i],
): Correction {
  return { input: set.images.subarray(i * PIXELS, (i + 1) * PIXELS), label, clientNetwork, fromOwner: false }
}

/** Mean and worst of some figures, the worst being the least or the largest. */
export function meanAndWorst(values: readonly number[], worst: (...values: number[]) => number) {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, worst: worst(...values) }
}
