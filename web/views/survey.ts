/** The answers of all models: one row per model, and a sentence that counts the votes. */

import { CLASSES, OTHER } from '../../core/data/dataset.ts'
import type { ModelAnswer, ModelSummary } from '../../core/protocol.ts'
import { type Consensus, consensus, voteOf } from '../answers/consensus.ts'
import { surveyMessage } from '../answers/messages.ts'
import type { SurveyState } from '../answers/survey.ts'
import { append, appendMark, element, setText } from './element.ts'
import { milliseconds, percent } from './format.ts'

const NONE: readonly ModelAnswer[] = []

export interface SurveyView {
  /** Whether the section is open. */
  readonly open: boolean
  /** @param drawing whether there is a drawing */
  show(state: SurveyState, models: readonly ModelSummary[], chosen: string | undefined, drawing: boolean): void
}

/** @param toggled called when the section is opened or closed */
export function createSurveyView(toggled: () => void): SurveyView {
  const root = element('survey', HTMLDetailsElement)
  const text = element('survey-text', HTMLElement)
  const rows = element('survey-rows', HTMLTableSectionElement)
  root.addEventListener('toggle', toggled)
  // These are the default roles, but Safari drops them where CSS changes `display`, as on a narrow screen.
  rows.parentElement?.setAttribute('role', 'table')
  rows.setAttribute('role', 'rowgroup')
  let answers = NONE
  let drawn: unknown[] = [] // what the rows were made from

  return {
    get open() {
      return root.open
    },
    show(state, models, chosen, drawing) {
      // Until the next answers arrive, the last ones stay visible, faded.
      if (state.kind === 'answered') answers = state.answers
      else if (!drawing) answers = NONE
      const votes = consensus(answers)
      const words = surveyMessage(state, votes, drawing)
      setText(text, words)
      rows.classList.toggle('outdated', state.kind !== 'answered')
      if (drawn[0] === answers && drawn[1] === models && drawn[2] === chosen) return
      drawn = [answers, models, chosen]
      const named = new Map(models.map((model) => [model.id, model.name]))
      // The list may be older than the answers: models may have been added or removed since.
      const ids = answers.length > 0 ? answers.map(({ model }) => model) : [...named.keys()]
      rows.replaceChildren(
        ...ids.map((id) => {
          const answer = answers.find(({ model }) => model === id)
          return row(named.get(id) ?? id, answer, votes, id === chosen)
        }),
      )
    },
  }
}

function row(name: string, answer: ModelAnswer | undefined, votes: Consensus, chosen: boolean): HTMLElement {
  const row = document.createElement('tr')
  row.setAttribute('role', 'row')
  const digit = answer && 'digit' in answer ? answer : undefined
  const vote = digit && voteOf(digit)
  const differs = digit && votes.digit !== undefined && vote !== votes.digit
  row.classList.toggle('differs', differs === true)
  cell(row, 'td', 'says').textContent = vote === OTHER ? '?' : String(vote ?? '–')
  const head = cell(row, 'th', 'name')
  head.textContent = name
  if (chosen) appendMark(head, 'chosen', 'chosen')
  if (differs) appendMark(head, 'differs', 'differs')
  if (answer && 'problem' in answer) {
    const problem = cell(row, 'td', 'problem')
    problem.setAttribute('colspan', '3')
    problem.textContent = answer.problem
    return row
  }
  cell(row, 'td', 'share').textContent = digit ? percent(vote === OTHER ? digit.other : digit.confidence) : '–'
  cell(row, 'td', 'strip').append(strip(digit?.probabilities ?? []))
  cell(row, 'td', 'time').textContent = digit ? milliseconds(digit.time) : '–'
  return row
}

function cell(row: HTMLElement, tag: 'td' | 'th', className: string): HTMLElement {
  const cell = append(row, tag, className)
  cell.setAttribute('role', tag === 'th' ? 'rowheader' : 'cell')
  return cell
}

/** Ten thin upright bars, 0 to 9. Hidden from screen readers: the cells beside it have digit and confidence. */
function strip(probabilities: readonly number[]): HTMLElement {
  const strip = document.createElement('span')
  strip.setAttribute('aria-hidden', 'true')
  for (let digit = 0; digit < CLASSES; digit++) {
    append(strip, 'i').style.setProperty('--share', String(probabilities[digit] ?? 0))
  }
  return strip
}
