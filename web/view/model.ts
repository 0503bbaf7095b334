/** What is known about the chosen model. */

import type { ModelSummary } from '../../core/protocol.ts'
import { element } from '../element.ts'
import { fileSize, percent } from '../words.ts'
import { listFacts } from './facts.ts'

export function createModelView(): (model: ModelSummary | undefined) => void {
  const root = element('model-facts', HTMLDListElement)
  let shown: ModelSummary | undefined
  return (model) => {
    if (!model || model === shown) return
    shown = model
    listFacts(root, [
      ['Name', `${model.name}, version ${model.version}`],
      ['Kind', model.kind],
      ['Parameters', model.parameters.toLocaleString('en')],
      ['Right on MNIST’s test set', percent(model.accuracy)],
      ['Right on pen drawings', model.drawings === undefined ? 'not measured' : percent(model.drawings)],
      ['Size', fileSize(model.bytes)],
      ['Memory when loaded', fileSize(model.memory)],
    ])
  }
}
