/** How well a network answers: accuracy with its standard error, loss, and what it takes for what. */

import type { Backend } from './backend.ts'
import type { Network } from './models/network.ts'

/** Digit images through `preprocess`, 784 bytes each, and their labels 0..9. */
export interface LabelledImages {
  readonly images: Uint8Array // count * 784
  readonly labels: Uint8Array
  readonly count: number
  readonly refused?: readonly number[] // positions of images that preprocessing refused; their bytes mean nothing
}

export interface Evaluation {
  readonly images: number
  readonly correct: number
  readonly accuracy: number // 0..1
  readonly standardError: number // 0..1, sqrt(a (1 - a) / n)
  readonly loss: number // mean cross-entropy of the images that were answered, nats
  readonly perClass: readonly number[] // recall of each class, 0..1
  readonly confusion: readonly (readonly number[])[] // [label][answer], counts; the last column counts refusals
}

/** Room in the arena for what evaluating and training write beside the network. */
export interface LossBuffers {
  readonly labelsAt: number // u8[batch]
  readonly lossAt: number // f32[batch]
}

/** Bytes of arena `lossBuffers` takes. */
export function lossMemory(batch: number): number {
  return batch * 5 + 64
}

export function lossBuffers({ arena }: Backend, batch: number): LossBuffers {
  return { labelsAt: arena.allocate(batch), lossAt: arena.allocate(batch * 4) }
}

/**
 * Loss and answers of one batch; leaves the probabilities in place of the logits.
 * @param answer called with each image's position in the batch, its answer and its loss
 */
export function scoreBatch(
  { kernels, arena }: Backend,
  network: Network,
  { labelsAt, lossAt }: LossBuffers,
  labels: Uint8Array,
  answer: (i: number, digit: number, loss: number) => void,
): void {
  const n = labels.length
  arena.u8(labelsAt, n).set(labels)
  network.forward(n)
  kernels.softmaxCrossEntropy(lossAt, network.logitsAt, network.logitsAt, labelsAt, n, network.outputs)
  const probabilities = arena.f32(network.logitsAt, n * network.outputs)
  const loss = arena.f32(lossAt, n)
  for (let i = 0; i < n; i++) {
    let best = 0
    const row = i * network.outputs
    for (let c = 1; c < network.outputs; c++) if (probabilities[row + c] > probabilities[row + best]) best = c
    answer(i, best, loss[i])
  }
}

/** Runs every image through the network, batch by batch. A refused image is a wrong answer. */
export function evaluate(backend: Backend, network: Network, buffers: LossBuffers, set: LabelledImages): Evaluation {
  const confusion = Array.from({ length: network.outputs }, () => new Array<number>(network.outputs + 1).fill(0))
  const refused = new Set(set.refused)
  let loss = 0
  for (let from = 0; from < set.count; from += network.batch) {
    const to = Math.min(from + network.batch, set.count)
    network.bytes.set(set.images.subarray(from * network.inputs, to * network.inputs))
    scoreBatch(backend, network, buffers, set.labels.subarray(from, to), (i, digit, imageLoss) => {
      const answered = !refused.has(from + i)
      confusion[set.labels[from + i]][answered ? digit : network.outputs]++
      if (answered) loss += imageLoss
    })
  }
  return summarize(confusion, loss / Math.max(1, set.count - refused.size))
}

function summarize(confusion: readonly (readonly number[])[], loss: number): Evaluation {
  const sum = (row: readonly number[]) => row.reduce((total, count) => total + count, 0)
  const images = sum(confusion.map(sum))
  const correct = sum(confusion.map((row, label) => row[label]))
  const accuracy = correct / images
  return {
    images,
    correct,
    accuracy,
    standardError: Math.sqrt((accuracy * (1 - accuracy)) / images),
    loss,
    perClass: confusion.map((row, label) => row[label] / Math.max(1, sum(row))),
    confusion,
  }
}
