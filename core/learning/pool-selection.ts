/**
 * Which replayed digits are replayed: of many, those the shipped model is least sure of, and some of all others. What a model
 * forgets first is what it knew only just; an image it is sure of teaches it nothing. The choice depends on the shipped model
 * and the replayed digits alone, so whoever keeps it saves the work next time.
 */

import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import { type Cut, createTrunk, headParameters, trunkMemory } from './network-cut.ts'
import type { ReplaySet } from './replay-set.ts'

/** Images in one piece of work. */
const PIECE = 64

export interface PoolSize {
  readonly candidates: number // images looked at
  readonly pool: number // of them chosen
  readonly hard: number // of those the ones that the model is least sure of
}

export interface PoolSelection {
  /** Looks at the next candidates; false when the choice is made. */
  advance(): boolean
  /** Numbers of the images chosen; [pool]. */
  selected(): Uint32Array
}

/** Bytes of arena it takes. */
export function poolSelectionMemory(cut: Cut): number {
  return trunkMemory(cut, PIECE) + networkMemory(cut.head, PIECE, false) + 4096
}

/** @param whole parameters of the shipped network */
export function createPoolSelection(
  backend: Backend,
  cut: Cut,
  whole: Float32Array,
  replaySet: ReplaySet,
  { candidates, pool, hard }: PoolSize,
): PoolSelection {
  const trunk = createTrunk(backend, cut, whole, PIECE)
  const head = createNetwork(backend, cut.head, PIECE, false)
  head.parameters.set(headParameters(cut, whole))
  const inputs = backend.arena.f32(head.inputsAt, PIECE * cut.features)
  const outputs = backend.arena.f32(head.outputsAt, PIECE * CLASSES)
  const images = new Uint8Array(PIECE * PIXELS)
  const sure = new Float32Array(candidates)
  let seen = 0

  return {
    advance() {
      if (seen === candidates) return false
      const n = Math.min(PIECE, candidates - seen)
      for (let i = 0; i < n; i++) replaySet.draw(images.subarray(i * PIXELS, (i + 1) * PIXELS), seen + i)
      inputs.set(trunk.features(images, n))
      head.forwardValues(n)
      head.toProbabilities(n)
      for (let i = 0; i < n; i++) sure[seen + i] = Math.max(...outputs.subarray(i * CLASSES, (i + 1) * CLASSES))
      seen += n
      return true
    },

    selected() {
      const order = Uint32Array.from(sure, (_, i) => i).sort((a, b) => sure[a] - sure[b] || a - b)
      const taken = new Set(order.subarray(0, hard))
      for (let i = 0; taken.size < pool; i++) taken.add(i)
      return Uint32Array.from(taken)
    },
  }
}
