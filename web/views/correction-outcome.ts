/** The outcome of the newest correction: progress, then the old and the new answer side by side, and the gate's figures. */

import type { RoundReport } from '../../core/protocol.ts'
import { answeredLabel, type EveryonesAnswer } from '../teaching/correction.ts'
import type { CorrectionOutcomeState } from '../teaching/correction-outcome.ts'
import { answerText, outcomeMessage } from '../teaching/messages.ts'
import { element, setText } from './element.ts'
import { type Facts, listFacts } from './facts.ts'
import { percent, precisePercent, quantity, wholePercent } from './format.ts'
import { createModelInputView } from './model-input.ts'

/**
 * The view shows the state, and says so where the drawing already counts for the visitor (`mine`).
 * @param name returns a model's name
 */
export function createCorrectionOutcomeView(
  name: (model: string) => string,
): (state: CorrectionOutcomeState, mine: boolean) => void {
  const root = element('outcome', HTMLElement)
  const bar = element('outcome-bar', HTMLProgressElement)
  const progress = element('outcome-progress', HTMLElement)
  const verdict = element('outcome-verdict', HTMLElement)
  const facts = element('outcome-facts', HTMLDListElement)
  const showInput = createModelInputView(element('outcome-input', HTMLCanvasElement))
  const was = element('was', HTMLElement)
  const now = element('now', HTMLElement)
  return (state, mine) => {
    root.hidden = state.kind === 'none'
    if (state.kind === 'none') return
    root.dataset.kind = state.kind === 'learned' ? state.report.verdict : state.kind
    const { drawing } = state.correction
    showInput(drawing.input)
    answer(was, drawing.answer, drawing.answer.version)
    const words = outcomeMessage(state, name, mine)
    const still = state.kind === 'learned' || state.kind === 'idle' || (state.kind === 'waiting' && state.wait)
    // Screen readers announce `verdict`, which holds what stays for a while, not every step.
    setText(progress, still ? '' : words)
    setText(verdict, still ? words : '')
    bar.hidden = Boolean(still)
    if (state.kind === 'learning' && state.round.phase === 'training') bar.value = state.round.step / state.round.steps
    else bar.removeAttribute('value')
    const promoted = state.kind === 'learned' && state.report.verdict === 'promoted'
    now.hidden = !promoted
    if (promoted) {
      answer(now, state.now, state.report.version ?? 0)
      now.classList.toggle('learned', state.now && answeredLabel(state.now) === state.correction.label)
    }
    const listed =
      state.kind === 'learned'
        ? resultFacts(state.report)
        : state.kind === 'learning'
          ? stepFacts(state.round.loss, state.round.accuracy)
          : []
    facts.hidden = listed.length === 0
    listFacts(facts, listed)
  }
}

function answer(root: HTMLElement, given: EveryonesAnswer | undefined, version: number): void {
  const [digit, share, by] = root.querySelectorAll('[data-part]')
  const label = given && answeredLabel(given)
  if (digit) digit.textContent = label === 'not-a-digit' ? '?' : String(label ?? '…')
  if (share) share.textContent = given ? answerText(given) : 'asking'
  if (by) by.textContent = `version ${given?.version ?? version}`
}

function stepFacts(loss: number | undefined, accuracy: number | undefined): Facts {
  return [
    ...(loss === undefined ? [] : [['Loss', loss.toFixed(3)] as const]),
    ...(accuracy === undefined ? [] : [['Right, of the drawings', percent(accuracy)] as const]),
  ]
}

function resultFacts({ lessons, right, gate, share, seconds }: RoundReport): Facts {
  const back = lessons.implausible + (lessons.held ?? 0)
  const held = back > 0 ? `, ${back} held back` : ''
  const facts: [string, string][] = [['Learned', `${quantity(lessons.learned, 'drawing')}${held}`]]
  if (right && lessons.learned > 0) {
    facts.push(['Right of these', `${right.before} before, ${right.after} after`])
  }
  if (gate) {
    const { shipped, candidate } = gate
    facts.push([
      'Right at the gate',
      `${precisePercent(shipped.accuracy)} shipped, ${precisePercent(candidate.accuracy)} learned`,
    ])
  }
  if (share !== undefined && share < 1) facts.push(['Adopted', `${wholePercent(share)} of what was learned`])
  facts.push(['Took', `${seconds.toFixed(1)} s`])
  return facts
}
