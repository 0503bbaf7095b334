/** The versions of the chosen model, newest first: date, drawings learned from, gate and live figures; rolling back, and what that holds back. */

import type { VersionSummary, VersionsResponse } from '../../core/protocol.ts'
import { holdMessage } from '../teaching/messages.ts'
import { append, appendMark, element, setText } from './element.ts'
import { dateTime, percentagePoints, precisePercent, quantity, wholePercent } from './format.ts'

export interface VersionsView {
  /**
   * @param problem why there is no history, or ''
   * @param owner whether the visitor is the owner, who may roll back
   */
  show(history: VersionsResponse | undefined, problem: string, model: string, owner: boolean): void
}

/**
 * @param back called with the version to serve
 * @param resume called to end what a rollback holds back
 */
export function createVersionsView(back: (version: number) => void, resume: () => void): VersionsView {
  const title = element('versions-title', HTMLElement)
  const text = element('versions-text', HTMLElement)
  const list = element('versions', HTMLOListElement)
  const hold = element('hold', HTMLElement)
  const holdText = element('hold-text', HTMLElement)
  const end = element('resume', HTMLButtonElement)
  end.addEventListener('click', resume)
  let drawn: readonly unknown[] = []
  return {
    show(history, problem, model, owner) {
      title.textContent = model ? `Versions of ${model}` : 'Versions'
      text.textContent = problem
      text.hidden = problem === ''
      const focusedEnd = document.activeElement === end
      hold.hidden = history?.hold === undefined
      end.hidden = !owner
      if (history?.hold) setText(holdText, holdMessage(history.hold.corrections))
      if (focusedEnd && (hold.hidden || end.hidden)) list.focus()
      if (drawn[0] === history && drawn[1] === owner) return
      drawn = [history, owner]
      // The focus stays in the list when a button of it was pressed.
      const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
      list.replaceChildren(...(history?.versions ?? []).map((one) => item(one, history?.served ?? 0, owner, back)))
      if (focused) list.focus()
    },
  }
}

function item(one: VersionSummary, served: number, owner: boolean, back: (version: number) => void): HTMLElement {
  const item = document.createElement('li')
  const head = append(item, 'p')
  append(head, 'b', '', `Version ${one.version}`)
  if (one.served) appendMark(head, 'answers now')
  const when = document.createElement('time')
  if (one.at !== undefined) {
    when.dateTime = one.at
    when.textContent = dateTime(one.at)
  }
  head.append(' ', when)
  append(item, 'p', '', describe(one))
  item.classList.toggle('served', one.served)
  if (owner && one.available && !one.served) {
    const button = append(item, 'button', '', one.version < served ? 'Roll back' : 'Serve it')
    button.type = 'button'
    button.setAttribute(
      'aria-label',
      one.version < served ? `Roll back to version ${one.version}` : `Serve version ${one.version}`,
    )
    button.addEventListener('click', () => back(one.version))
  }
  return item
}

/** The facts about a version in short sentences. */
function describe({ version, parent, round, live, available }: VersionSummary): string {
  const said = [version === 1 ? 'As shipped. It is always kept.' : '']
  if (round) {
    const share = round.share !== undefined && round.share < 1 ? `, ${wholePercent(round.share)} of it adopted` : ''
    said.push(`Learned from ${quantity(round.lessons.learned, 'drawing')}${share}.`)
    const { gate } = round
    if (gate) {
      const change = percentagePoints(gate.candidate.accuracy - gate.shipped.accuracy)
      said.push(`Gate: ${precisePercent(gate.candidate.accuracy)} right (${change} against the shipped version).`)
    }
  }
  if (parent !== undefined && parent !== version - 1) said.push(`After version ${parent}.`)
  if (live && live.judged > 0) {
    said.push(
      `Corrections and confirmations since: ${live.right} of ${live.judged} answered right; by the shipped version ${live.shippedRight}.`,
    )
  }
  if (!available) said.push('Its weights are no longer stored.')
  return said.filter((sentence) => sentence !== '').join(' ')
}
