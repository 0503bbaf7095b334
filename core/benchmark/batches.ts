/** Benchmark of networks on batches of growing size, on the fastest backend. The time per image should not rise. */

import { PIXELS } from '../data/dataset.ts'
import type { NetworkCard } from '../models/card.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import type { ModelFiles } from '../models/source.ts'
import type { BenchmarkBatch } from '../protocol.ts'
import { drawnDigits } from './digits.ts'
import type { BenchmarkFactory, BenchmarkTask } from './task.ts'

/** Numbers of images in a batch. */
export const BATCHES = [1, 16, 64, 256, 1000, 10_000]

/** Different images; a larger batch repeats them. */
const IMAGES = 100

/** Most images of one pass through the layers, and the bytes of memory they may take; larger batches take several passes. */
const PASS = 256
const PASS_MEMORY = 33_554_432

/**
 * One task for each network and size.
 * @param longest ms that a batch may take; one that would take longer, going by the size before, is left out
 */
export function batchTasks(
  [fastest]: readonly BenchmarkFactory[],
  models: readonly ModelFiles[],
  longest: number,
): BenchmarkTask<BenchmarkBatch | undefined>[] {
  let digits: Uint8Array | undefined
  return models.flatMap(({ card, data }) => {
    if (card.type !== 'network') return []
    let perImage = 0 // ms, of the size before
    return BATCHES.map((images) => ({
      name: card.id,
      title: `${card.id}, ${images} ${images === 1 ? 'image' : 'images'}`,
      *measure(watch) {
        if (perImage * images > longest) return undefined
        const pass = passSize(card, images)
        const network = createNetwork(fastest.create(networkMemory(card.layers, pass, false)), card.layers, pass, false)
        const { parameters, bytes } = network
        new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength).set(data)
        digits ??= drawnDigits(IMAGES)
        const source = digits
        const time = yield* watch(() => {
          for (let from = 0; from < images; from += pass) {
            const n = Math.min(pass, images - from)
            // copying the images into the arena is part of the time, as it is in use
            for (let at = 0; at < n * PIXELS; at += source.length) bytes.set(source.subarray(0, n * PIXELS - at), at)
            network.forward(n)
            network.toProbabilities(n)
          }
        })
        perImage = time.median / images / 1000
        return { model: card.id, images, pass, time, perSecond: (images / time.median) * 1e6 }
      },
    }))
  })
}

function passSize({ layers }: NetworkCard, images: number): number {
  const each = networkMemory(layers, 2, false) - networkMemory(layers, 1, false)
  return Math.max(1, Math.min(images, PASS, Math.floor(PASS_MEMORY / each)))
}
