/** The selection of replayed images, with made-up digits and small networks. */

import { expect, test } from 'vitest'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { cutNetwork } from '../../../core/learning/network-cut.ts'
import { createPoolSelection, poolSelectionMemory } from '../../../core/learning/pool-selection.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { allFactories } from '../backends.ts'
import { bars, REPLAY_SET } from './digits.ts'
import { CONVOLUTIONS, NETWORKS, trainNetwork } from './networks.ts'

const factories = allFactories()
const fast = factories[factories.length - 1]
const SIZE = { candidates: 500, pool: 120, hard: 50 }
const network = (layers: readonly LayerSpec[]) => trainNetwork(fast, layers, bars(500), bars(100, 5000))

function select(backends: BackendFactory, layers: readonly LayerSpec[], data: Uint8Array): Uint32Array {
  const cut = cutNetwork(layers)
  const whole = new Float32Array(data.slice().buffer)
  const selection = createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, REPLAY_SET, SIZE)
  while (selection.advance());
  return selection.selected()
}

test.each(
  Object.entries(NETWORKS),
)('120 different images of 500 are selected, among them the 50 that a network with %s is least sure of', (_, layers) => {
  const { card, data } = network(layers)
  const model = createModel(fast.create(modelMemory(card)), card, data)
  const image = new Uint8Array(784)
  const confidences = Array.from({ length: SIZE.candidates }, (_, i) => {
    REPLAY_SET.draw(image, i)
    return Math.max(...model.probabilities(image))
  })
  const selected = new Set(select(fast, layers, data))
  expect(selected.size).toBe(SIZE.pool)
  const leastSure = [...confidences.keys()].sort((a, b) => confidences[a] - confidences[b])
  expect(leastSure.slice(0, SIZE.hard).filter((i) => !selected.has(i))).toEqual([])
})

test('the same images are selected on every backend', () => {
  const { data } = network(CONVOLUTIONS)
  for (const backends of factories) {
    expect(select(backends, CONVOLUTIONS, data)).toEqual(select(fast, CONVOLUTIONS, data))
  }
})
