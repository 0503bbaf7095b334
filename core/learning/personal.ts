/**
 * Fine-tuning of a network on one visitor's own drawings, for their own answers: it starts from the weights that answer for
 * everyone. It asks nobody and no gate, since nobody else gets these weights. The result depends on the weights, the replay set
 * and the list of drawings alone: a further drawing is learned by learning all of them again, in the order in which they were taught.
 */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import type { NetworkCard } from '../models/card.ts'
import { modelOutputs } from '../models/create-model.ts'
import { createFineTuning, fineTuningMemory, type Tuning } from './fine-tuning.ts'
import { cutNetwork, withHead } from './network-cut.ts'
import { createPoolSelection, type PoolSelection, type PoolSize, poolSelectionMemory } from './pool-selection.ts'
import { createReplayedOthers } from './replay-others.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures } from './round.ts'

/** A visitor's drawing, and what it is. */
export interface Lesson {
  readonly input: Uint8Array // 784 bytes, as `preprocess` returns them
  readonly label: number // 0..9, or NOT_A_DIGIT
}

/** Fewer than in a round: a visitor waits for them, unless they had time to draw. */
const POOL: PoolSize = { candidates: 2400, pool: 1200, hard: 800 }

/** Drawings that are no digit, replayed to models that know those. */
const OTHERS = 200

/** Found by simulation, see tools/simulate/yours.ts: fewer and larger steps than a round's, to more varied copies of each drawing. */
const TUNING: Tuning = {
  batch: 64,
  corrections: 8,
  perPlace: 0.5,
  perClientNetwork: 8,
  rate: 0.0015,
  steps: 100,
  weight: 0.25,
  augmentation: { shift: 1, rotate: 10, scale: 0.1, shear: 0.1, elastic: 2, thickness: 0.5 },
}

/**
 * After these steps come others from the last drawing alone, until it is read as taught: with what was just taught the visitor looks
 * at the answer. Most need the fewest.
 */
const LAST = { steps: 100, weight: 1 }

/** Steps in a row whose copies of the last drawing are read as taught, after which no more are needed. */
const ENOUGH = 3

/** The learning rate of networks without convolutions, all of whose layers learn. */
const DENSE_RATE = 0.0005

/** The same for everyone, so that equal lists of drawings lead to equal weights. */
const SEED = 0x9e25_0a1d

export interface PersonalStep {
  readonly step: number // done
  readonly steps: number
}

export interface PersonalLearner {
  /** Does the next piece of what any lesson needs, some ms; false when all of it is there. */
  prepare(): boolean
  /**
   * Begins to learn from drawings. What `prepare` has not done yet is done first.
   * @param lessons at least one, in the order in which they were taught
   */
  learn(lessons: readonly Lesson[]): PersonalLearning
}

export interface PersonalLearning {
  /** Does the next step, some ms; undefined when all are done. */
  advance(): PersonalStep | undefined
  /** The bytes of the weights learned. @throws Error before the last step */
  result(): Uint8Array<ArrayBuffer>
}

/**
 * @param everyones the network that answers for everyone
 * @param draw gives digits to replay, see ReplaySet
 */
export function createPersonalLearner(
  backends: BackendFactory,
  everyones: { readonly card: NetworkCard; readonly data: Uint8Array },
  draw: ReplaySet['draw'],
): PersonalLearner {
  const cut = cutNetwork(everyones.card.layers)
  const whole = new Float32Array(everyones.data.slice().buffer)
  // without convolutions all that the network knows can change, and it changes less
  const tuning = cut.trunk.length > 0 ? TUNING : { ...TUNING, rate: DENSE_RATE }
  const replaySet = { draw, others: createReplayedOthers(OTHERS, 0) }
  const knowsOthers = modelOutputs(everyones.card) > CLASSES
  const cache: CachedFeatures = {}
  let selection: PoolSelection | undefined
  let pool: Uint32Array | undefined
  let preparation: ReturnType<typeof start> | undefined

  const start = (numbers: Uint32Array, lessons: readonly Lesson[], weight = TUNING.weight) => {
    const corrections = lessons.map((lesson) => ({ ...lesson, clientNetwork: 0, fromOwner: true }))
    const backend = backends.create(fineTuningMemory(cut, tuning))
    return createFineTuning(backend, cut, whole, corrections, replaySet, numbers, SEED, { ...tuning, weight }, cache)
  }

  function prepare(): boolean {
    if (cache.targets) return false
    if (!pool) {
      selection ??= createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, replaySet, POOL)
      if (selection.advance()) return true
      pool = selection.selected()
      selection = undefined // frees its memory
      return true
    }
    if (knowsOthers && replaySet.others.generate()) return true
    preparation ??= start(pool, [])
    if (preparation.prepare()) return true
    preparation = undefined
    return false
  }

  return {
    prepare,
    learn(lessons) {
      const steps = TUNING.steps + LAST.steps // at most
      let training: ReturnType<typeof start> | undefined
      let last: ReturnType<typeof start> | undefined
      let right = 0 // steps in a row
      let result: Uint8Array<ArrayBuffer> | undefined

      function finish(head: Float32Array): void {
        result = new Uint8Array(withHead(cut, whole, head).buffer)
        training = last = undefined
      }

      return {
        advance() {
          if (result) return undefined
          if (prepare()) return { step: 0, steps }
          if (last) {
            right = last.advance().accuracy === 1 ? right + 1 : 0
            const { step, head } = last
            if (right === ENOUGH || step === steps) finish(head)
            return { step, steps }
          }
          training ??= start(pool as Uint32Array, lessons)
          training.advance()
          const { step, head, moments } = training
          if (step === TUNING.steps) {
            last = start(pool as Uint32Array, lessons.slice(-1), LAST.weight)
            last.restore(step, head, moments)
          }
          return { step, steps }
        },
        result() {
          if (!result) throw new Error('the lessons are not learned yet')
          return result
        },
      }
    },
  }
}
