/** The drawings that were learned from: their number, and the corrections of this visit as the models see them. */

import type { TrainingResponse } from '../../core/protocol.ts'
import type { VisitorCorrection } from '../teaching/correction.ts'
import { labelPhrase, learnedMessage } from '../teaching/messages.ts'
import { element } from './element.ts'
import { quantity } from './format.ts'
import { createModelInputView } from './model-input.ts'

export function createLearnedDrawingsView(): (
  training: TrainingResponse | undefined,
  corrections: readonly VisitorCorrection[],
) => void {
  const text = element('learned-text', HTMLElement)
  const title = element('own-title', HTMLElement)
  const list = element('own', HTMLUListElement)
  let shown = ''
  return (training, corrections) => {
    const [last] = training?.rounds ?? []
    const kept = training ? `${quantity(training.corrections, 'drawing')} kept.` : ''
    text.textContent = last ? `${kept} The last round: ${learnedMessage(last)}` : kept
    const own = corrections.filter(({ state }) => state.kind === 'kept').reverse()
    title.hidden = own.length === 0
    const now = own.map(({ drawing, label }) => `${drawing.revision} ${label}`).join()
    if (now === shown) return
    shown = now
    list.replaceChildren(...own.map(picture))
  }
}

function picture({ drawing, label }: VisitorCorrection): HTMLElement {
  const item = document.createElement('li')
  const canvas = document.createElement('canvas')
  const caption = document.createElement('span')
  createModelInputView(canvas)(drawing.input)
  canvas.setAttribute('aria-hidden', 'true')
  caption.textContent = label === 'not-a-digit' ? 'none' : String(label)
  const answered = drawing.answer.digit === label ? 'the answer was right' : `was read as ${drawing.answer.digit}`
  item.title = `You said ${labelPhrase(label)}; ${answered}`
  const more = document.createElement('span')
  more.className = 'unseen'
  more.textContent = `, ${answered}`
  item.append(canvas, caption, more)
  return item
}
