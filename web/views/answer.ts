/** The large digit of the answer with the second digit beside it, or a sentence where there is no answer. */

import { element } from './element.ts'
import { percent } from './format.ts'

export type Answer =
  | { readonly kind: 'none'; readonly words: string }
  | { readonly kind: 'digit'; readonly digit: number; readonly probabilities: readonly number[] }

const MENTIONED = 0.05 // 0..1, the smallest probability of a second digit that is shown

export function createAnswerView(): (answer: Answer) => void {
  const root = element('answer', HTMLElement)
  const digit = element('digit', HTMLElement)
  const sure = element('sure', HTMLElement)
  const runnerUp = element('runner-up', HTMLElement)
  return (answer) => {
    root.dataset.kind = answer.kind
    digit.textContent = answer.kind === 'digit' ? String(answer.digit) : '?'
    sure.textContent =
      answer.kind === 'digit' ? `${percent(answer.probabilities[answer.digit] ?? 0)} sure` : answer.words
    runnerUp.textContent = answer.kind === 'digit' ? second(answer.digit, answer.probabilities) : ''
  }
}

/** The second most probable digit; '' where its probability is small. */
function second(first: number, probabilities: readonly number[]): string {
  const others = probabilities.map((share, digit) => (digit === first ? 0 : share))
  const share = Math.max(...others)
  return share < MENTIONED ? '' : `or ${others.indexOf(share)}, ${percent(share)}`
}
