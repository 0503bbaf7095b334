/** The big answer, and the sentence where there is none. */

import { element } from '../element.ts'
import { percent } from '../words.ts'

export type Answer =
  | { readonly kind: 'none'; readonly words: string }
  | { readonly kind: 'digit'; readonly digit: number; readonly confidence: number }

export function createAnswerView(): (answer: Answer) => void {
  const root = element('answer', HTMLElement)
  const digit = element('digit', HTMLElement)
  const sure = element('sure', HTMLElement)
  return (answer) => {
    root.dataset.kind = answer.kind
    digit.textContent = answer.kind === 'digit' ? String(answer.digit) : '?'
    sure.textContent = answer.kind === 'digit' ? `${percent(answer.confidence)} sure` : answer.words
  }
}
