/** The owner's controls: a field for the token; with a valid token, buttons to start and stop a round and to forget the token. */

import type { OwnerState } from '../teaching/owner.ts'
import { element } from './element.ts'

const TRUSTED = 'The phone learns from your corrections without checking whether they are plausible.'

export interface OwnerActions {
  enter(token: string): void
  forget(): void
  start(): void
  stop(): void
}

/**
 * The returned function shows owner or visitor, whether a round is under way, and the result of the last action.
 * @param ownPage address of the phone's own page, where this one is on another origin: then nobody is the owner here
 */
export function createOwnerView(
  actions: OwnerActions,
  ownPage: string | undefined,
): (state: OwnerState, training: boolean, model: string, result: string) => void {
  const form = element('owner-form', HTMLFormElement)
  const field = element('token', HTMLInputElement)
  const tools = element('owner-tools', HTMLElement)
  const start = element('start-round', HTMLButtonElement)
  const stop = element('stop-round', HTMLButtonElement)
  const forget = element('forget-token', HTMLButtonElement)
  const text = element('owner-text', HTMLElement)
  const elsewhere = element('owner-elsewhere', HTMLElement)
  const link = element('owner-page', HTMLAnchorElement)
  elsewhere.hidden = ownPage === undefined
  link.href = link.textContent = ownPage ?? ''
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
    // An element that is about to be hidden may have the focus. The focus moves to what replaces it.
    const focused = document.activeElement
    const moves = focused instanceof HTMLElement && (owner ? form : tools).contains(focused)
    form.hidden = owner || ownPage !== undefined
    tools.hidden = !owner
    start.hidden = training
    stop.hidden = !training
    start.textContent = model ? `Start a round for ${model}` : 'Start a round'
    if (moves) (owner ? forget : field).focus()
    text.textContent =
      state.kind === 'trying' ? 'Asking the phone …' : state.kind === 'visitor' ? state.words : result || TRUSTED
  }
}
