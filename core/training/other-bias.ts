/**
 * How readily a network says that a drawing is no digit. Training sets hold far more of what is no digit than people draw, so a network
 * may turn away more digits than it should. Its bias of OTHER is lowered until few of the validation digits are.
 */

import { OTHER } from '../data/dataset.ts'
import { snap } from '../kernels/snap.ts'
import type { LayerSpec } from '../models/layer.ts'
import { parameterLayout } from '../models/layout.ts'

/** Share of the digits for which OTHER may have the largest output: three quarters of what may be turned away in all. */
const TAKEN = 0.0045

/**
 * What has to be added to the bias of OTHER, a multiple of 0.001 below 0; undefined where nothing has to be.
 * @param margins of each digit: the output of OTHER less that of the best digit
 */
export function fitOtherBias(margins: Float32Array): number | undefined {
  const descending = margins.slice().sort().reverse()
  const most = descending[Math.floor(margins.length * TAKEN)] ?? 0 // of the digits that are not to be taken
  return most > 0 ? -Math.ceil(most * 1000) / 1000 : undefined
}

/** The parameters with that added to the last layer's bias of OTHER; as they are where the layer has no biases. */
export function withOtherBias(
  parameters: Float32Array,
  layers: readonly LayerSpec[],
  added: number,
): Float32Array<ArrayBuffer> {
  const changed = Float32Array.from(parameters)
  const bias = parameterLayout(layers).find(({ layer, role }) => layer === layers.length - 1 && role === 'bias')
  if (bias) changed[bias.offset + OTHER] = snap(Math.fround(changed[bias.offset + OTHER] + added))
  return changed
}
