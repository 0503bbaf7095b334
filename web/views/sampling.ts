/** Whether to ask the phone many times, each time with other parts of the model left out: only with a model that has dropout. */

import { element } from './element.ts'

const SAMPLES = 100

export interface SamplingView {
  /** How many passes to ask for; undefined for one pass without dropout. */
  readonly samples: number | undefined
  /** @param offered whether the model can be asked so */
  show(offered: boolean): void
}

/** @param toggled called when it was switched on or off */
export function createSamplingView(toggled: () => void): SamplingView {
  const root = element('sampling', HTMLElement)
  const box = element('samples', HTMLInputElement)
  box.addEventListener('change', toggled)
  return {
    get samples() {
      return box.checked && !root.hidden ? SAMPLES : undefined
    },
    show(offered) {
      root.hidden = !offered
    },
  }
}
