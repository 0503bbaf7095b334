/** The owner's wall: corrections that are held back, by who sent them, each with its picture; and whom the owner trusts or blocks. */

import type { SenderStanding, SenderSummary } from '../../core/learning/decisions.ts'
import type { CorrectionSummary } from '../../core/protocol.ts'
import type { HeldLessonsState } from '../teaching/held-lessons.ts'
import { SHOWN } from '../teaching/held-lessons.ts'
import { labelPhrase } from '../teaching/messages.ts'
import { append, appendMark, element, setText } from './element.ts'
import { dateTime, quantity } from './format.ts'

export interface HeldActions {
  approve(lesson: CorrectionSummary): void
  remove(lesson: CorrectionSummary): void
  approveAll(sender: SenderSummary): void
  setStanding(sender: SenderSummary, standing: SenderStanding): void
}

/**
 * The returned function shows what is held back, to the owner only.
 * @param name returns a model's name
 * @param picture returns the address of a picture, once it has arrived
 */
export function createHeldLessonsView(
  actions: HeldActions,
  name: (model: string) => string,
  picture: (id: string) => string | undefined,
): (state: HeldLessonsState, owner: boolean) => void {
  const root = element('held', HTMLElement)
  const text = element('held-text', HTMLElement)
  const list = element('held-senders', HTMLElement)
  const items = new Map<string, HTMLElement>() // by id of the correction: pictures arrive one by one
  let drawn: readonly unknown[] = []

  function draw({ lessons, senders }: HeldLessonsState): void {
    items.clear()
    const shown = senders.filter(({ held, standing }) => held > 0 || standing !== 'none')
    const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
    list.replaceChildren(
      ...shown.map((sender) => {
        const part = document.createElement('li')
        head(part, sender)
        const its = lessons.filter(({ from }) => from === sender.number)
        const drawings = append(part, 'ul', 'held-lessons')
        for (const lesson of its) items.set(lesson.id, one(drawings, lesson))
        drawings.hidden = its.length === 0
        return part
      }),
    )
    if (focused) list.focus() // it stays in the list when a button of it was pressed
  }

  function head(part: HTMLElement, sender: SenderSummary): void {
    const { number, standing, held, corrections } = sender
    const title = append(part, 'h4', '', `Sender ${number}`)
    if (standing !== 'none') appendMark(title, standing, standing)
    append(part, 'p', 'detail', `${held} held back, of ${quantity(corrections, 'correction')} that are kept.`)
    const tools = append(part, 'div', 'held-tools')
    if (held > 1) button(tools, `Approve all ${held}`, `of sender ${number}`, () => actions.approveAll(sender))
    const decide = (words: string, to: SenderStanding) =>
      button(tools, words, `sender ${number}`, () => actions.setStanding(sender, to))
    if (standing === 'none') {
      decide('Trust this sender', 'trusted')
      decide('Block this sender', 'blocked')
    } else decide(standing === 'trusted' ? 'Trust no more' : 'Unblock', 'none')
  }

  function one(drawings: HTMLElement, lesson: CorrectionSummary): HTMLElement {
    const { label, answer, model, version, at, confirmed } = lesson
    const item = append(drawings, 'li')
    append(item, 'span', 'held-picture')
    const said = confirmed ? 'as it was read' : `was read as ${answer}`
    const words = append(item, 'p', '', '')
    append(words, 'b', '', label === 'not-a-digit' ? 'No digit' : `${label}`)
    words.append(`, ${said}`)
    append(item, 'p', 'detail', `${name(model)}, version ${version}; ${dateTime(at)}`)
    const tools = append(item, 'div', 'held-tools')
    const about = `${labelPhrase(label)}, ${said}`
    button(tools, 'Approve', about, () => actions.approve(lesson))
    button(tools, 'Delete', about, () => actions.remove(lesson))
    return item
  }

  return (state, owner) => {
    root.hidden = !owner
    if (!owner) {
      if (drawn.length > 0) list.replaceChildren()
      drawn = []
      return
    }
    setText(text, state.problem || summary(state))
    if (drawn[0] !== state.lessons || drawn[1] !== state.senders) draw(state)
    drawn = [state.lessons, state.senders]
    for (const [id, item] of items) {
      const place = item.querySelector('.held-picture')
      const address = picture(id)
      if (address === undefined || !place || place.firstChild) continue
      const image = document.createElement('img')
      image.src = address
      image.alt = 'The drawing'
      place.append(image)
    }
  }
}

function summary({ lessons, senders }: HeldLessonsState): string {
  const held = senders.reduce((sum, sender) => sum + sender.held, 0)
  if (held === 0) return 'Nothing is held back. What others teach counts once somebody else agrees, or you.'
  const few = held > lessons.length && lessons.length === SHOWN ? ` The newest ${SHOWN} are shown.` : ''
  return `${quantity(held, 'drawing')} held back. What you approve counts at once.${few}`
}

function button(parent: HTMLElement, words: string, about: string, pressed: () => void): void {
  const made = append(parent, 'button', '', words)
  made.type = 'button'
  made.setAttribute('aria-label', `${words} (${about})`)
  made.addEventListener('click', pressed)
}
