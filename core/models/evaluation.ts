/**
 * Evaluates models: accuracy with its standard error, confusion matrix and calibration of the digits among themselves, and loss and
 * scores of everything.
 */

import type { Backend } from '../backend/backend.ts'
import { CLASSES, OTHER, OUTPUTS } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import { type Calibration, calibration } from './calibration.ts'
import { endsInSigmoid } from './layer.ts'
import type { Network } from './network.ts'
import { type Judgement, judge } from './verdict.ts'

/** The loss of an image counts probabilities below this as this: a model that votes may give 0, whose logarithm is infinite. */
export const LEAST_PROBABILITY = 1e-7

/** Preprocessed images and their labels. */
export interface LabelledImages {
  readonly images: Uint8Array // [count, 784]
  readonly labels: Uint8Array // [count], 0..9, or OTHER
  readonly count: number
  readonly refused?: readonly number[] // positions of images that preprocessing refused; their bytes have no meaning
}

export interface Evaluation {
  readonly images: number
  readonly digits: number // images of digits
  readonly correct: number // digits whose most probable digit is the label
  readonly accuracy: number // 0..1, of the digits; 0 of none
  readonly standardError: number // 0..1, sqrt(a (1 - a) / n)
  readonly loss: number // mean cross-entropy over all outputs, of the answered images whose label is one of them, nats
  readonly perClass: readonly number[] // recall of each digit, 0..1
  readonly confusion: readonly (readonly number[])[] // [10][11], [label][answer], counts of digits; the last column counts refusals
  readonly calibration: Calibration // of the digits that were answered
  readonly answers: Uint8Array // one per image, 0..9; CLASSES where preprocessing refused it
  readonly confidences: Float32Array // one per image: the probability of its answer among the digits, 0..1; 0 where it was refused
  readonly scores: Float32Array // one per image: the score of its answer, 0..1; 0 where it was refused
  readonly others: Float32Array // one per image: the score of OTHER, 0..1; 0 where it was refused
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

/** The number of classes that a set has labels of: the digits', and OTHER where it is among them. */
export function labelledClasses({ labels }: Pick<LabelledImages, 'labels'>): number {
  return labels.includes(OTHER) ? OUTPUTS : CLASSES
}

/** Evaluates a network, batch by batch. A refused image counts as answered wrongly. */
export function evaluate(
  { kernels, arena }: Backend,
  network: Network,
  { labelsAt, lossAt }: LossBuffers,
  set: LabelledImages,
  progress: (done: number) => void = () => {},
): Evaluation {
  const tally = createTally(set)
  const { outputsAt, outputs, inputs, layers } = network
  for (let from = 0; from < set.count; from += network.batch) {
    const to = Math.min(from + network.batch, set.count)
    const n = to - from
    network.bytes.set(set.images.subarray(from * inputs, to * inputs))
    network.forward(n)
    const labels = arena.u8(labelsAt, n)
    const losses = arena.f32(lossAt, n)
    const scores = arena.f32(outputsAt, n * outputs)
    // an image with a label that no output is for has no loss
    for (let i = 0; i < n; i++) labels[i] = Math.min(set.labels[from + i], outputs - 1)
    if (endsInSigmoid(layers)) {
      network.toProbabilities(n)
      for (let i = 0; i < n; i++) losses[i] = -log1(Math.max(LEAST_PROBABILITY, scores[i * outputs + labels[i]]))
    } else kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, n, outputs)
    for (let i = 0; i < n; i++) {
      const judgement = judge(scores.subarray(i * outputs, (i + 1) * outputs))
      tally.add(from + i, judgement, set.labels[from + i] < outputs ? losses[i] : undefined)
    }
    progress(to)
  }
  return tally.close()
}

/** Evaluates any model, image by image, as the server does. A refused image is not run and counts as answered wrongly. */
export function evaluateModel(
  model: { scores(input: Uint8Array): Float32Array },
  set: LabelledImages,
  progress: (done: number) => void = () => {},
): Evaluation {
  const size = set.images.length / Math.max(1, set.count)
  const refused = new Set(set.refused)
  const tally = createTally(set)
  for (let i = 0; i < set.count; i++) {
    if (!refused.has(i)) {
      const scores = model.scores(set.images.subarray(i * size, (i + 1) * size))
      const score = scores[set.labels[i]]
      const loss = score === undefined ? undefined : -log1(Math.fround(Math.max(LEAST_PROBABILITY, score)))
      tally.add(i, judge(scores), loss)
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

function createTally(set: LabelledImages) {
  const refused = new Set(set.refused)
  const answers = new Uint8Array(set.count).fill(CLASSES)
  const [confidences, scores, others] = [0, 1, 2].map(() => new Float32Array(set.count))
  let [lossSum, withLoss] = [0, 0]

  return {
    add(i: number, { digit, confidence, score, other }: Judgement, loss: number | undefined): void {
      if (refused.has(i)) return
      answers[i] = digit
      confidences[i] = confidence
      scores[i] = score
      others[i] = other
      if (loss === undefined) return
      lossSum += loss
      withLoss++
    },

    close(): Evaluation {
      const digits = Uint32Array.from({ length: set.count }, (_, i) => i).filter((i) => set.labels[i] < CLASSES)
      const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES + 1).fill(0))
      for (const i of digits) confusion[set.labels[i]][answers[i]]++
      const correct = confusion.reduce((sum, row, label) => sum + row[label], 0)
      const count = Math.max(1, digits.length)
      const accuracy = correct / count
      const answered = digits.filter((i) => answers[i] < CLASSES)
      return {
        images: set.count,
        digits: digits.length,
        correct,
        accuracy,
        standardError: Math.sqrt((accuracy * (1 - accuracy)) / count),
        loss: lossSum / Math.max(1, withLoss),
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
        scores,
        others,
      }
    },
  }
}
