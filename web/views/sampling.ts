/** The box to ask the phone many times, each time with other parts of the model left out. Only for a model with dropout. */

import { element } from './element.ts'

const SAMPLES = 100

export interface SamplingView {
  /** The number of passes to request; undefined for one pass without dropout. */
  readonly samples: number | undefined
  /** @param dropout whether the model has dropout */
  show(dropout: boolean): void
}

/** @param toggled called when the box has changed */
export function createSamplingView(toggled: () => void): SamplingView {
  const root = element('sampling', HTMLElement)
  const box = element('samples', HTMLInputElement)
  box.addEventListener('change', toggled)
  return {
    get samples() {
      return box.checked && !root.hidden ? SAMPLES : undefined
    },
    show(dropout) {
      root.hidden = !dropout
    },
  }
}
