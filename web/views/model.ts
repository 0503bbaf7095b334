/** Facts about the chosen model. */

import type { ModelSummary } from '../../core/protocol.ts'
import { element } from './element.ts'
import { type Facts, listFacts } from './facts.ts'
import { fileSize, percent, precisePercent } from './format.ts'

/** The accuracy of a learned version on the gate's digits, beside the shipped one. */
function learned({ learned }: ModelSummary): Facts {
  return learned
    ? [['Right at the gate', `${precisePercent(learned.before)} as shipped, ${precisePercent(learned.after)} now`]]
    : []
}

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
      [`Right on MNIST’s test set${model.learned ? ', as shipped' : ''}`, percent(model.accuracy)],
      ...learned(model),
      ['Right on pen drawings', model.drawings === undefined ? 'not measured' : percent(model.drawings)],
      ['Size', fileSize(model.bytes)],
      ['Memory when loaded', fileSize(model.memory)],
    ])
  }
}
