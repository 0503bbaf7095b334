/** Evaluates models: accuracy with its standard error, loss, confusion matrix and calibration. */

import type { Backend } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import { type Calibration, calibration } from './calibration.ts'
import { endsInSigmoid } from './layer.ts'
import type { Network } from './network.ts'

/** The loss of an image counts probabilities below this as this: a model that votes may give 0, whose logarithm is infinite. */
export const LEAST_PROBABILITY = 1e-7

/** Preprocessed images of digits and their labels. */
export interface LabelledImages {
  readonly images: Uint8Array // [count, 784]
  readonly labels: Uint8Array // [count], 0..9
  readonly count: number
  readonly refused?: readonly number[] // positions of images that preprocessing refused; their bytes have no meaning
}

export interface Evaluation {
  readonly images: number
  readonly correct: number
  readonly accuracy: number // 0..1
  readonly standardError: number // 0..1, sqrt(a (1 - a) / n)
  readonly loss: number // mean cross-entropy of the images that were answered, nats
  readonly perClass: readonly number[] // recall of each class, 0..1
  readonly confusion: readonly (readonly number[])[] // [label][answer], counts; the last column counts refusals
  readonly calibration: Calibration // of the images that were answered
  readonly answers: Uint8Array // one per image; the number of classes where preprocessing refused it
  readonly confidences: Float32Array // one per image: the probability of its answer, 0..1; 0 where it was refused
}

/** Buffers in the arena for evaluation, beside the network's. */
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
 * Loss and answers of the images that lie in the network's input. Probabilities replace the outputs.
 * @param answer called with each image's position in the batch, its answer, its loss and the answer's probability
 */
export function scoreBatch(
  { kernels, arena }: Backend,
  network: Network,
  { labelsAt, lossAt }: LossBuffers,
  labels: Uint8Array,
  answer: (i: number, digit: number, loss: number, confidence: number) => void,
): void {
  const n = labels.length
  arena.u8(labelsAt, n).set(labels)
  const { outputsAt, outputs, layers } = network
  network.forward(n)
  const probabilities = arena.f32(outputsAt, n * outputs)
  const loss = arena.f32(lossAt, n)
  if (endsInSigmoid(layers)) {
    network.toProbabilities(n)
    for (let i = 0; i < n; i++) loss[i] = -log1(Math.max(LEAST_PROBABILITY, probabilities[i * outputs + labels[i]]))
  } else kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, n, outputs)
  for (let i = 0; i < n; i++) {
    const row = i * outputs
    const best = mostProbable(probabilities, row, outputs)
    answer(i, best, loss[i], probabilities[row + best])
  }
}

/** Evaluates a network, batch by batch. A refused image counts as answered wrongly. */
export function evaluate(
  backend: Backend,
  network: Network,
  buffers: LossBuffers,
  set: LabelledImages,
  progress: (done: number) => void = () => {},
): Evaluation {
  const tally = createTally(set, network.outputs)
  for (let from = 0; from < set.count; from += network.batch) {
    const to = Math.min(from + network.batch, set.count)
    network.bytes.set(set.images.subarray(from * network.inputs, to * network.inputs))
    scoreBatch(backend, network, buffers, set.labels.subarray(from, to), (i, digit, loss, confidence) => {
      tally.add(from + i, digit, loss, confidence)
    })
    progress(to)
  }
  return tally.close()
}

/** Evaluates any model, image by image, as the server does. A refused image is not run and counts as answered wrongly. */
export function evaluateModel(
  model: { probabilities(input: Uint8Array): Float32Array },
  set: LabelledImages,
  progress: (done: number) => void = () => {},
): Evaluation {
  const size = set.images.length / Math.max(1, set.count)
  const refused = new Set(set.refused)
  const tally = createTally(set, CLASSES)
  for (let i = 0; i < set.count; i++) {
    if (!refused.has(i)) {
      const probabilities = model.probabilities(set.images.subarray(i * size, (i + 1) * size))
      const best = mostProbable(probabilities, 0, CLASSES)
      const loss = -log1(Math.fround(Math.max(LEAST_PROBABILITY, probabilities[set.labels[i]])))
      tally.add(i, best, loss, probabilities[best])
    }
    progress(i + 1)
  }
  return tally.close()
}

/** The most probable of the `classes` classes whose probabilities begin at `from`; the first among equals. */
export function mostProbable(probabilities: Float32Array, from: number, classes: number): number {
  let best = 0
  for (let c = 1; c < classes; c++) if (probabilities[from + c] > probabilities[from + best]) best = c
  return best
}

function createTally(set: LabelledImages, classes: number) {
  const refused = new Set(set.refused)
  const answers = new Uint8Array(set.count).fill(classes)
  const confidences = new Float32Array(set.count)
  let lossSum = 0

  return {
    add(i: number, digit: number, loss: number, confidence: number): void {
      if (refused.has(i)) return
      answers[i] = digit
      confidences[i] = confidence
      lossSum += loss
    },

    close(): Evaluation {
      const confusion = Array.from({ length: classes }, () => new Array<number>(classes + 1).fill(0))
      for (let i = 0; i < set.count; i++) confusion[set.labels[i]][answers[i]]++
      const correct = confusion.reduce((sum, row, label) => sum + row[label], 0)
      const accuracy = correct / set.count
      const answered = Uint32Array.from({ length: set.count }, (_, i) => i).filter((i) => answers[i] < classes)
      return {
        images: set.count,
        correct,
        accuracy,
        standardError: Math.sqrt((accuracy * (1 - accuracy)) / set.count),
        loss: lossSum / Math.max(1, answered.length),
        perClass: confusion.map(
          (row, label) =>
            row[label] /
            Math.max(
              1,
              row.reduce((sum, count) => sum + count),
            ),
        ),
        confusion,
        calibration: calibration(
          Float32Array.from(answered, (i) => confidences[i]),
          Uint8Array.from(answered, (i) => (answers[i] === set.labels[i] ? 1 : 0)),
        ),
        answers,
        confidences,
      }
    },
  }
}
