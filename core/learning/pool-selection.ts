/**
 * Selects the digits of the replay set that are replayed: those the shipped model is least sure of, and some others. A model
 * first forgets what it was least sure of. The selection depends on the shipped model and the replay set only, so it can be
 * cached.
 */

import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import { type Cut, createTrunk, headParameters, trunkMemory } from './network-cut.ts'
import type { ReplaySet } from './replay-set.ts'

/** Images per call of `advance`. */
const BATCH = 64

export interface PoolSize {
  readonly candidates: number // images considered
  readonly pool: number // images selected
  readonly hard: number // of those, images that the model is least sure of
}

export interface PoolSelection {
  /** Evaluates the next candidates; false when all have been evaluated. */
  advance(): boolean
  /** Numbers of the selected images, [pool]. */
  selected(): Uint32Array
}

/** Bytes of arena that `createPoolSelection` takes. */
export function poolSelectionMemory(cut: Cut): number {
  return trunkMemory(cut, BATCH) + networkMemory(cut.head, BATCH, false) + 4096
}

/** @param whole parameters of the shipped network */
export function createPoolSelection(
  backend: Backend,
  cut: Cut,
  whole: Float32Array,
  replaySet: Pick<ReplaySet, 'draw'>,
  { candidates, pool, hard }: PoolSize,
): PoolSelection {
  const trunk = createTrunk(backend, cut, whole, BATCH)
  const head = createNetwork(backend, cut.head, BATCH, false)
  head.parameters.set(headParameters(cut, whole))
  const inputs = backend.arena.f32(head.inputsAt, BATCH * cut.features)
  const outputs = backend.arena.f32(head.outputsAt, BATCH * head.outputs)
  const images = new Uint8Array(BATCH * PIXELS)
  const confidences = new Float32Array(candidates)
  let done = 0

  return {
    advance() {
      if (done === candidates) return false
      const n = Math.min(BATCH, candidates - done)
      for (let i = 0; i < n; i++) replaySet.draw(images.subarray(i * PIXELS, (i + 1) * PIXELS), done + i)
      inputs.set(trunk.features(images, n))
      head.forwardValues(n)
      head.toProbabilities(n)
      for (let i = 0; i < n; i++) {
        const from = i * head.outputs
        confidences[done + i] = Math.max(...outputs.subarray(from, from + CLASSES))
      }
      done += n
      return true
    },

    selected() {
      const order = Uint32Array.from(confidences, (_, i) => i).sort((a, b) => confidences[a] - confidences[b] || a - b)
      const numbers = new Set(order.subarray(0, hard))
      for (let i = 0; numbers.size < pool; i++) numbers.add(i)
      return Uint32Array.from(numbers)
    },
  }
}
