/** The menu of models. Broken models are listed with the reason, and can't be chosen. */

import type { ModelsResponse } from '../../core/protocol.ts'
import { element } from './element.ts'
import { fileSize, percent } from './format.ts'

/** @param chosen called with the id of the chosen model */
export function createModelMenu(
  chosen: (model: string) => void,
): (listing: ModelsResponse | undefined, model: string | undefined) => void {
  const menu = element('model', HTMLSelectElement)
  menu.addEventListener('change', () => chosen(menu.value))
  let shown = ''
  return (listing, model) => {
    const options = listing ? choices(listing) : []
    // An open menu closes when its options are replaced, so they are replaced only where they changed.
    const now = JSON.stringify(options)
    if (options.length > 0 && now !== shown) {
      menu.replaceChildren(...options.map(({ text, value, disabled }) => option(text, value, disabled)))
      menu.disabled = false
      shown = now
    }
    if (model !== undefined && menu.value !== model) menu.value = model
  }
}

/** The default model first, the others in the phone's order, broken models last. */
function choices({ models, broken }: ModelsResponse): { text: string; value: string; disabled: boolean }[] {
  const [first] = models.filter((model) => model.default)
  const usable = first ? [first, ...models.filter((model) => model !== first)] : models
  return [
    ...usable.map(({ id, name, accuracy, bytes }) => ({
      text: `${name} · ${percent(accuracy)} · ${fileSize(bytes)}`,
      value: id,
      disabled: false,
    })),
    ...broken.map(({ id, problem }) => ({ text: `${id}: ${problem}`, value: id, disabled: true })),
  ]
}

function option(text: string, value: string, disabled: boolean): HTMLOptionElement {
  const made = document.createElement('option')
  made.textContent = text
  made.value = value
  made.disabled = disabled
  return made
}
