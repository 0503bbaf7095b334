/** The controls beside the pad: the pen's width, undo, clear, and whether to answer while drawing or when asked. */

import { element } from '../views/element.ts'
import { type Drawing, WIDTH } from './drawing.ts'

export interface Controls {
  /** Whether answers come by themselves; else when asked for. */
  readonly live: boolean
  /** Shows what can be done now. */
  show(): void
}

/**
 * @param modeChanged called when answering by itself was switched on or off
 * @param read called when an answer is asked for
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
  button.hidden = live.checked // a browser restores what was ticked before a reload
  button.addEventListener('click', read)

  return {
    get live() {
      return live.checked
    },
    show() {
      // Not `disabled`, which would take the focus away from whoever just pressed it.
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
