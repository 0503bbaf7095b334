/** The large digit of the answer with the second digit beside it, or a sentence where there is none. */

import type { Verdict } from '../../core/protocol.ts'

import { element } from './element.ts'
import { percent } from './format.ts'

export type Answer =
  | { readonly kind: 'none'; readonly words: string }
  | {
      readonly kind: 'digit'
      readonly digit: number
      readonly verdict: Verdict
      readonly probabilities: readonly number[]
    }

const MENTIONED = 0.05 // 0..1, the smallest probability of a second digit that is shown

/** The view shows an answer, and whose it is where that is not everyone's. */
export function createAnswerView(): (answer: Answer, whose: string) => void {
  const root = element('answer', HTMLElement)
  const digit = element('digit', HTMLElement)
  const sure = element('sure', HTMLElement)
  const runnerUp = element('runner-up', HTMLElement)
  const owner = element('whose', HTMLElement)
  return (answer, whose) => {
    const none = answer.kind === 'none' || answer.verdict === 'not-a-digit'
    root.dataset.kind = none ? 'none' : 'digit'
    digit.textContent = none ? '?' : String(answer.digit)
    sure.textContent = answer.kind === 'none' ? answer.words : sureText(answer)
    owner.textContent = whose
    runnerUp.textContent = none ? '' : second(answer.digit, answer.probabilities)
  }
}

/** How sure an answer is, in words. */
export function sureText({ digit, verdict, probabilities }: Omit<Extract<Answer, { kind: 'digit' }>, 'kind'>): string {
  const share = percent(probabilities[digit] ?? 0)
  if (verdict === 'not-a-digit') return 'This doesn’t look like a digit.'
  return verdict === 'unsure' ? `Not sure: ${share}` : `${share} sure`
}

/** The second most probable digit; '' where its probability is small. */
function second(first: number, probabilities: readonly number[]): string {
  const others = probabilities.map((share, digit) => (digit === first ? 0 : share))
  const share = Math.max(...others)
  return share < MENTIONED ? '' : `or ${others.indexOf(share)}, ${percent(share)}`
}
