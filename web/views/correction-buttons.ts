/** The buttons to correct an answer: ten digits, 'not a digit' and 'it is right'; and the state of the correction. */

import { CLASSES } from '../../core/data/dataset.ts'
import type { Label } from '../../core/protocol.ts'
import type { VisitorCorrection } from '../teaching/correction.ts'
import { UNUSABLE_ID } from '../teaching/correction-queue.ts'
import { type NotReady, teachingMessage } from '../teaching/messages.ts'
import { element, setText } from './element.ts'

export interface CorrectionActions {
  teach(label: Label): void
  withdraw(): void
  retry(): void
}

export interface CorrectionButtonsState {
  readonly notReady: NotReady
  readonly answer: Label | undefined // the one that is shown; undefined while there is none
  readonly correction: VisitorCorrection | undefined // of the current drawing
  readonly learns: boolean // whether any model learns
  readonly mine: boolean // whether this browser has the drawing, for the visitor's own answers
}

export function createCorrectionButtons({
  teach,
  withdraw,
  retry,
}: CorrectionActions): (now: CorrectionButtonsState) => void {
  const text = element('teach-text', HTMLElement)
  const right = element('right', HTMLButtonElement)
  const none = element('not-a-digit', HTMLButtonElement)
  const withdrawButton = element('take-back', HTMLButtonElement)
  const retryButton = element('teach-again', HTMLButtonElement)
  let answer: Label | undefined
  const digits = Array.from({ length: CLASSES }, (_, digit) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = String(digit)
    button.setAttribute('aria-label', `It was ${digit === 8 ? 'an' : 'a'} ${digit}`)
    button.setAttribute('aria-keyshortcuts', String(digit))
    button.addEventListener('click', () => teach(digit as Label))
    return button
  })
  element('labels', HTMLElement).append(...digits)
  none.addEventListener('click', () => teach('not-a-digit'))
  right.addEventListener('click', () => {
    if (answer !== undefined) teach(answer)
  })
  withdrawButton.addEventListener('click', withdraw)
  retryButton.addEventListener('click', retry)

  return ({ notReady, correction, learns, mine, ...now }) => {
    answer = now.answer
    const said = correction && correction.state.kind !== 'withdrawn' && correction.state.kind !== 'withdrawing'
    const label = said ? correction.label : undefined
    for (const [digit, button] of digits.entries()) {
      press(button, label === digit, notReady)
      button.classList.toggle('answered', digit === answer)
    }
    press(none, label === 'not-a-digit', notReady)
    press(right, said === true && correction.label === correction.drawing.shown, notReady)
    const words = teachingMessage(correction, notReady, learns)
    setText(text, words)
    text.dataset.kind = correction?.state.kind ?? 'none'
    withdrawButton.hidden = !(said && (mine || ['sending', 'waiting', 'kept'].includes(correction.state.kind)))
    retryButton.hidden = correction?.state.kind !== 'refused' || UNUSABLE_ID.includes(correction.state.status)
  }
}

function press(button: HTMLButtonElement, pressed: boolean, notReady: NotReady): void {
  button.setAttribute('aria-pressed', String(pressed))
  // Not `disabled`: that would take the focus away from the button that was just pressed.
  button.setAttribute('aria-disabled', String(notReady !== undefined))
}
