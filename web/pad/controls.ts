/** The controls beside the pad: pen width, undo, clear, and whether to predict while drawing or on request. */

import { element } from '../views/element.ts'
import { type Drawing, WIDTH } from './drawing.ts'

export interface Controls {
  /** Whether the page predicts while drawing, else on request. */
  readonly live: boolean
  /** Shows which controls can be used now. */
  show(): void
}

/**
 * @param modeChanged called when `live` has changed
 * @param read called when the visitor requests a prediction
 */
export function createControls(drawing: Drawing, modeChanged: () => void, read: () => void): Controls {
  const undo = element('undo', HTMLButtonElement)
  const clear = element('clear', HTMLButtonElement)
  const live = element('live', HTMLInputElement)
  const button = element('read', HTMLButtonElement)
  handleWidth(drawing)
  undo.addEventListener('click', () => drawing.undo())
  clear.addEventListener('click', () => drawing.clear())
  live.addEventListener('change', () => {
    button.hidden = live.checked
    modeChanged()
  })
  button.hidden = live.checked // the browser restores the box after a reload
  button.addEventListener('click', read)

  return {
    get live() {
      return live.checked
    },
    show() {
      // Not `disabled`: that would take the focus away from the button that was just pressed.
      undo.setAttribute('aria-disabled', String(!drawing.canUndo && !drawing.open))
      clear.setAttribute('aria-disabled', String(drawing.empty))
      button.setAttribute('aria-disabled', String(drawing.empty))
    },
  }
}

function handleWidth(drawing: Drawing): void {
  const width = element('width', HTMLInputElement)
  const value = element('width-value', HTMLOutputElement)
  const set = (): void => {
    drawing.width = width.valueAsNumber
    value.textContent = width.value
  }
  width.min = String(WIDTH.min)
  width.max = String(WIDTH.max)
  width.value = String(WIDTH.initial)
  width.addEventListener('input', set)
  set()
}
