/** Drawing without a pointer: arrow keys move a pen over the pad, space sets it down and lifts it. */

import type { Label } from '../../core/protocol.ts'
import { type Drawing, type Point, SIZE } from './drawing.ts'
import type { Cursor } from './pad.ts'

// Direction of each key. The number pad without NumLock sends Home, PageUp ...: its corners are diagonals.
const DIRECTIONS = new Map<string, Point>([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, -1]],
  ['ArrowDown', [0, 1]],
  ['Home', [-1, -1]],
  ['PageUp', [1, -1]],
  ['End', [-1, 1]],
  ['PageDown', [1, 1]],
])

const STEP = { coarse: 10, fine: 2 } as const // units per key press; fine with Shift

export interface KeyboardPen {
  /** The pen to show; undefined while the keyboard is not in use. */
  readonly cursor: Cursor | undefined
}

/** Handles keys while the pad has the focus. `say` speaks to screen readers; `moved` is called when the pen must be shown again. */
export function createKeyboardPen(
  pad: HTMLElement,
  drawing: Drawing,
  say: (words: string) => void,
  moved: () => void,
): KeyboardPen {
  const held = new Set<string>() // direction keys; two at once make a diagonal
  let at: Point = [SIZE / 2, SIZE / 4]
  let shown = false

  function show(now: boolean): void {
    if (shown === now) return
    shown = now
    moved()
  }

  /** Lifts and hides the keyboard's pen. A stroke of a pointer stays open. */
  function putAway(): void {
    if (shown) drawing.up()
    show(false)
  }

  pad.tabIndex = 0
  pad.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault()
      if (event.repeat) return
      if (drawing.open) drawing.up()
      else drawing.down(...at)
      say(drawing.open ? 'Pen down' : 'Pen up')
    } else if (DIRECTIONS.has(event.key)) {
      event.preventDefault() // prevents scrolling
      held.add(event.key)
      const step = event.shiftKey ? STEP.fine : STEP.coarse
      let [x, y] = at
      for (const key of held) {
        const [dx, dy] = DIRECTIONS.get(key) ?? [0, 0]
        x += dx * step
        y += dy * step
      }
      at = [Math.min(Math.max(x, 0), SIZE), Math.min(Math.max(y, 0), SIZE)]
      drawing.move(...at)
    } else return
    shown = true
    moved()
  })
  pad.addEventListener('keyup', (event) => held.delete(event.key))
  pad.addEventListener('focus', () => show(pad.matches(':focus-visible')))
  pad.addEventListener('blur', () => {
    held.clear()
    putAway()
  })
  // A pointer replaces the keyboard's pen.
  pad.addEventListener('pointerdown', putAway, { capture: true })

  return {
    get cursor() {
      return shown ? { at, width: drawing.width, down: drawing.open } : undefined
    },
  }
}

/** Ctrl+Z or Cmd+Z undoes, Delete and Escape clear, wherever the focus is. */
export function handleShortcuts(drawing: Drawing): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z') {
      event.preventDefault()
      drawing.undo()
    } else if (!event.ctrlKey && !event.metaKey && (event.key === 'Delete' || event.key === 'Escape')) {
      if (!(event.target instanceof HTMLSelectElement)) drawing.clear() // in the menu, Escape closes the menu
    }
  })
}

/** The keys 0 to 9, wherever the focus is, except in elements that use these keys. */
export function handleDigitKeys(pressed: (digit: Label) => void): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
    if (!/^[0-9]$/.test(event.key) || takesText(event.target)) return
    pressed(Number(event.key) as Label)
  })
}

/** Whether an element uses letters and digits itself: a text field or a menu. */
function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['checkbox', 'range', 'radio', 'button'].includes(target.type)
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
}
