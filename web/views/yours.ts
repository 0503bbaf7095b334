/** What the visitor taught this browser: its state, the button that forgets it, and the fingerprint of the weights. */

import { yoursFacts, yoursMessage } from '../learning/messages.ts'
import type { YoursState } from '../learning/yours.ts'
import { element, setText } from './element.ts'

/** @param forget called when the visitor wants all of it forgotten */
export function createYoursView(forget: () => void): (state: YoursState, drawings: number, kept: boolean) => void {
  const root = element('yours', HTMLElement)
  const text = element('yours-text', HTMLElement)
  const button = element('forget-mine', HTMLButtonElement)
  const facts = element('yours-facts', HTMLElement)
  button.addEventListener('click', () => {
    forget()
    text.focus() // the button is gone
  })
  return (state, drawings, kept) => {
    const words = yoursMessage(state, drawings, kept)
    setText(text, words)
    root.dataset.kind = state.kind
    root.classList.toggle('empty', words === '')
    button.hidden = drawings === 0
    setText(facts, yoursFacts(state))
    facts.hidden = state.kind !== 'learned'
  }
}
