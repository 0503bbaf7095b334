/** Measures a stored model of any kind on labelled images. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { createModel, modelMemory, modelOutputs } from '../../core/models/create-model.ts'
import {
  type Evaluation,
  evaluate,
  evaluateModel,
  type LabelledImages,
  lossBuffers,
  lossMemory,
} from '../../core/models/evaluation.ts'
import { createNetwork, networkMemory } from '../../core/models/network.ts'
import { Samples } from '../../core/models/samples.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import type { StoredModel } from './load.ts'

const BATCH = 100 // images

/**
 * How well a model answers. Networks are evaluated in batches, which gives the figures of their cards. All other models, and
 * networks with dropout left on, are evaluated image by image.
 * @param samples passes of Monte Carlo dropout whose mean is the answer; 0 for none
 * @param progress is called with the number of images done
 * @throws RangeError where the model was trained on other preprocessing, has no dropout to sample, or doesn't fit its card
 */
export function evaluateStored(
  { card, data }: StoredModel,
  set: LabelledImages,
  backends: BackendFactory,
  samples = 0,
  progress: (done: number) => void = () => {},
): Evaluation {
  if (card.preprocess !== PREPROCESS_VERSION) {
    throw new RangeError(
      `model ${card.id} was trained on preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`,
    )
  }
  if (card.type === 'network' && samples === 0) {
    const backend = backends.create(networkMemory(card.layers, BATCH, false) + lossMemory(BATCH))
    const network = createNetwork(backend, card.layers, BATCH, false)
    const { parameters } = network
    new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength).set(data)
    return evaluate(backend, network, lossBuffers(backend, BATCH), set, progress)
  }
  const model = createModel(backends.create(modelMemory(card)), card, data)
  if (samples === 0) return evaluateModel(model, set, progress)
  const sample = model.sample?.bind(model)
  if (!sample) throw new RangeError(`model ${card.id} has no dropout to take samples with`)
  const mean = (input: Uint8Array) => {
    const passes = new Samples(modelOutputs(card))
    sample(input, 0, samples, (scores) => passes.add(scores))
    return Float32Array.from(passes.spread().mean)
  }
  return evaluateModel({ scores: mean }, set, progress)
}
