/** Benchmark of every model on one image, as in a request. */

import { backendMemory } from '../backend/backend.ts'
import { PIXELS } from '../data/dataset.ts'
import type { Card } from '../models/card.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import { layerShapes } from '../models/layer.ts'
import { parameterLayout } from '../models/layout.ts'
import type { ModelFiles } from '../models/source.ts'
import type { BenchmarkModel } from '../protocol.ts'
import { drawnDigits } from './digits.ts'
import { type BenchmarkFactory, type BenchmarkTask, timeColumns } from './task.ts'

/** Images that take turns, so that caches and branch predictors do not adapt to one. */
const IMAGES = 10

export function modelTasks(
  factories: readonly BenchmarkFactory[],
  models: readonly ModelFiles[],
): BenchmarkTask<BenchmarkModel>[] {
  let digits: Uint8Array | undefined
  return models.map(({ card, data }) => ({
    name: card.id,
    title: `${card.id}, one image`,
    *measure(watch) {
      const drawn = digits ?? drawnDigits(IMAGES)
      digits = drawn
      const images = Array.from({ length: IMAGES }, (_, i) => drawn.subarray(i * PIXELS, (i + 1) * PIXELS))
      const bytes = modelMemory(card)
      const place = (factory: BenchmarkFactory) => {
        const model = createModel(factory.create(bytes), card, data)
        let turn = 0
        return () => void model.probabilities(images[turn++ % IMAGES])
      }
      const times = yield* timeColumns(factories, place, watch)
      const { id: model, name, type } = card
      return { model, name, type, memory: backendMemory(bytes), ...multiplyAdds(card), times }
    },
  }))
}

// Those of layers with weight matrices: every weight is multiplied once for each pixel of the output. Others hardly multiply.
function multiplyAdds(card: Card): { multiplyAdds?: number } {
  if (card.type !== 'network') return {}
  const shapes = layerShapes(card.layers)
  let sum = 0
  for (const { layer, shape, length } of parameterLayout(card.layers)) {
    const { height, width } = shapes[layer + 1]
    if (shape.length > 1) sum += length * height * width
  }
  return { multiplyAdds: sum }
}
