/** What was learned from: how much, and this visit's own lessons as pictures, as the models see them. */

import type { TrainingResponse } from '../../core/protocol.ts'
import type { Lesson } from '../teaching/correction.ts'
import { count, lessonsWords, named } from '../teaching/messages.ts'
import { element } from './element.ts'
import { createSightView } from './model-input.ts'

export function createTaughtView(): (training: TrainingResponse | undefined, lessons: readonly Lesson[]) => void {
  const text = element('taught-text', HTMLElement)
  const title = element('own-title', HTMLElement)
  const list = element('own', HTMLUListElement)
  let shown = ''
  return (training, lessons) => {
    const [last] = training?.rounds ?? []
    const kept = training ? `${count(training.corrections, 'drawing')} kept.` : ''
    text.textContent = last ? `${kept} The last round: ${lessonsWords(last)}` : kept
    const own = lessons.filter(({ state }) => state.kind === 'kept').reverse()
    title.hidden = own.length === 0
    const now = own.map(({ drawing, label }) => `${drawing.revision} ${label}`).join()
    if (now === shown) return
    shown = now
    list.replaceChildren(...own.map(picture))
  }
}

function picture({ drawing, label }: Lesson): HTMLElement {
  const item = document.createElement('li')
  const canvas = document.createElement('canvas')
  const caption = document.createElement('span')
  createSightView(canvas)(drawing.input)
  canvas.setAttribute('aria-hidden', 'true')
  caption.textContent = label === 'not-a-digit' ? 'none' : String(label)
  const answered = drawing.answer.digit === label ? 'the answer was right' : `was read as ${drawing.answer.digit}`
  item.title = `You said ${named(label)}; ${answered}`
  const more = document.createElement('span')
  more.className = 'unseen'
  more.textContent = `, ${answered}`
  item.append(canvas, caption, more)
  return item
}
