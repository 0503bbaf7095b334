/** Drawings of what is no digit, for rounds of models that know it: some are replayed, others are what the gate compares on. */

import { PIXELS } from '../data/dataset.ts'
import { InputError } from '../errors.ts'
import { preprocess } from '../preprocess.ts'
import { rasterizeStrokes } from '../strokes.ts'
import { otherDrawing } from '../synthetic/others.ts'
import type { ReplayedOthers } from './replay-set.ts'

const [REPLAYED, GATE] = [600, 400] // images

const PIECE = 20 // images per call of `generate`

/** Seeds of the drawings. No set for training has them. */
const [SEED_REPLAYED, SEED_GATE] = [0x0e7a_11d5, 0x37c0_94ab]

/** Draws them when they are first needed, and keeps their 784 kB. */
export function createReplayedOthers(replayed: number = REPLAYED, gate: number = GATE): ReplayedOthers {
  const count = replayed + gate
  let images: Uint8Array | undefined
  let done = 0
  const drawn = [0, 0] // drawings of each seed, those that preprocessing refuses included

  function generate(): boolean {
    if (done === count) return false
    images ??= new Uint8Array(count * PIXELS)
    const part = done < replayed ? 0 : 1
    const seed = part === 0 ? SEED_REPLAYED : SEED_GATE
    for (const end = Math.min(done + PIECE, part === 0 ? replayed : count); done < end; ) {
      const input = inputOf(seed, drawn[part]++)
      if (input) images.set(input, done++ * PIXELS)
    }
    return true
  }

  const all = (): Uint8Array => {
    while (generate());
    return images as Uint8Array
  }

  return {
    generate,
    get replayed() {
      return all().subarray(0, replayed * PIXELS)
    },
    get gate() {
      return all().subarray(replayed * PIXELS)
    },
  }
}

// Undefined where preprocessing refuses it: then no model is ever asked about it.
function inputOf(seed: number, index: number): Uint8Array | undefined {
  const { strokes, pen } = otherDrawing(seed, index, true)
  try {
    return preprocess(rasterizeStrokes(strokes, pen))
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
