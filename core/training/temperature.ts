/**
 * Temperature scaling (Guo et al. 2017): a network's outputs are divided by one number, so that its confidence is its accuracy on
 * images it was not trained on. The most probable answer stays. The number goes into the weights of the last layer.
 */

import { CLASSES, OUTPUTS } from '../data/dataset.ts'
import { exp1, log1 } from '../kernels/polynomial.ts'
import { snap } from '../kernels/snap.ts'
import { type LayerSpec, layerShapes } from '../models/layer.ts'
import { parameterLayout } from '../models/layout.ts'
import { size } from '../models/shape.ts'

const [LEAST, MOST] = [0.25, 4] // of the factor, 1 / temperature
const GOLDEN = (Math.sqrt(5) - 1) / 2
const CUTS = 19 // of the interval that holds the factor: then it is 0.0004 wide

/** Whether a network can take a temperature: it knows what is no digit, and its last layer is dense, so its outputs are logits. */
export function takesTemperature(layers: readonly LayerSpec[]): boolean {
  const shapes = layerShapes(layers)
  return layers[layers.length - 1].type === 'dense' && size(shapes[shapes.length - 1]) === OUTPUTS
}

/**
 * The temperature with the lowest cross-entropy of the digits among themselves, 0.25 to 4, a multiple of 0.001. The cross-entropy
 * is convex in 1 / temperature, so a golden-section search (Kiefer 1953) finds it.
 * @param logits [n][10], of digits
 * @param labels [n], 0..9
 */
export function fitTemperature(logits: Float32Array, labels: Uint8Array): number {
  const at = (factor: number) => ({ factor, loss: crossEntropy(logits, labels, factor) })
  let [low, high] = [LEAST, MOST]
  let [lower, upper] = [at(high - GOLDEN * (high - low)), at(low + GOLDEN * (high - low))]
  for (let i = 0; i < CUTS; i++) {
    if (lower.loss <= upper.loss) {
      high = upper.factor
      upper = lower
      lower = at(high - GOLDEN * (high - low))
    } else {
      low = lower.factor
      lower = upper
      upper = at(low + GOLDEN * (high - low))
    }
  }
  return Math.round(2000 / (low + high)) / 1000
}

// Mean over the images, with the logits times `factor`.
function crossEntropy(logits: Float32Array, labels: Uint8Array, factor: number): number {
  let total = 0
  for (const [i, label] of labels.entries()) {
    const from = i * CLASSES
    let top = from
    for (let c = from + 1; c < from + CLASSES; c++) if (logits[c] > logits[top]) top = c
    let sum = 0
    for (let c = from; c < from + CLASSES; c++) sum += exp1(Math.fround(factor * (logits[c] - logits[top])))
    total += log1(Math.fround(sum)) + factor * (logits[top] - logits[from + label])
  }
  return total / Math.max(1, labels.length)
}

/** The parameters with those of the last layer divided by a temperature. */
export function atTemperature(
  parameters: Float32Array,
  layers: readonly LayerSpec[],
  temperature: number,
): Float32Array<ArrayBuffer> {
  const scaled = Float32Array.from(parameters)
  const factor = Math.fround(1 / temperature)
  for (const { layer, offset, length } of parameterLayout(layers)) {
    if (layer !== layers.length - 1) continue
    for (let i = offset; i < offset + length; i++) scaled[i] = snap(Math.fround(scaled[i] * factor))
  }
  return scaled
}
