/** For the phone's owner: a field for the token, and with it start, stop and the way to forget it again. */

import type { OwnerState } from '../teaching/owner.ts'
import { element } from './element.ts'

const BELIEVED = 'What you teach now is learned without being doubted.'

export interface OwnerActions {
  enter(token: string): void
  forget(): void
  start(): void
  stop(): void
}

/** The returned function shows who is there, whether a round is under way, and what came of the last action. */
export function createOwnerView(
  actions: OwnerActions,
): (state: OwnerState, training: boolean, model: string, result: string) => void {
  const form = element('owner-form', HTMLFormElement)
  const field = element('token', HTMLInputElement)
  const tools = element('owner-tools', HTMLElement)
  const start = element('start-round', HTMLButtonElement)
  const stop = element('stop-round', HTMLButtonElement)
  const forget = element('forget-token', HTMLButtonElement)
  const text = element('owner-text', HTMLElement)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const { value } = field
    field.value = ''
    actions.enter(value)
  })
  start.addEventListener('click', actions.start)
  stop.addEventListener('click', actions.stop)
  forget.addEventListener('click', actions.forget)
  return (state, training, model, result) => {
    const owner = state.kind === 'owner'
    // The focus is in what is about to be hidden: it goes on to what takes its place.
    const focused = document.activeElement
    const moves = focused instanceof HTMLElement && (owner ? form : tools).contains(focused)
    form.hidden = owner
    tools.hidden = !owner
    start.hidden = training
    stop.hidden = !training
    start.textContent = model ? `Start a round for ${model}` : 'Start a round'
    if (moves) (owner ? forget : field).focus()
    text.textContent =
      state.kind === 'trying' ? 'Asking the phone …' : state.kind === 'stranger' ? state.words : result || BELIEVED
  }
}
