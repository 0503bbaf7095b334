/** Ten buttons to say which digit it was, one for none and one for right; and what becomes of what was said. */

import type { Label } from '../../core/protocol.ts'
import { confirms, type Lesson } from '../teaching/correction.ts'
import { type Hindrance, teachWords } from '../teaching/messages.ts'
import { element } from './element.ts'

export interface TeachActions {
  teach(label: Label): void
  takeBack(): void
  again(): void
}

export interface Teachable {
  readonly hindrance: Hindrance
  readonly answer: number | undefined // 0..9, of the phone; undefined while it has none
  readonly lesson: Lesson | undefined // about the drawing on the paper
  readonly learns: boolean // whether any model does
}

export function createTeachView({ teach, takeBack, again }: TeachActions): (now: Teachable) => void {
  const text = element('teach-text', HTMLElement)
  const right = element('right', HTMLButtonElement)
  const none = element('not-a-digit', HTMLButtonElement)
  const back = element('take-back', HTMLButtonElement)
  const retry = element('teach-again', HTMLButtonElement)
  let answer: number | undefined
  const digits = Array.from({ length: 10 }, (_, digit) => {
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
    if (answer !== undefined) teach(answer as Label)
  })
  back.addEventListener('click', takeBack)
  retry.addEventListener('click', again)

  return ({ hindrance, lesson, learns, ...now }) => {
    answer = now.answer
    const said = lesson && lesson.state.kind !== 'withdrawn' && lesson.state.kind !== 'withdrawing'
    const label = said ? lesson.label : undefined
    for (const [digit, button] of digits.entries()) {
      press(button, label === digit, hindrance)
      button.classList.toggle('answered', digit === answer)
    }
    press(none, label === 'not-a-digit', hindrance)
    press(right, said === true && confirms(lesson), hindrance)
    const words = teachWords(lesson, hindrance, learns)
    if (text.textContent !== words) text.textContent = words
    text.dataset.kind = lesson?.state.kind ?? 'none'
    back.hidden = !(said && ['sending', 'waiting', 'kept'].includes(lesson.state.kind))
    retry.hidden = lesson?.state.kind !== 'refused' || [403, 404, 409, 410].includes(lesson.state.status)
  }
}

function press(button: HTMLButtonElement, pressed: boolean, hindrance: Hindrance): void {
  button.setAttribute('aria-pressed', String(pressed))
  // Not `disabled`, which would take the focus away from whoever just pressed it.
  button.setAttribute('aria-disabled', String(hindrance !== undefined))
}
