/** Texts for screen readers: the effect of a key at once, an answer only when it no longer changes. */

import { element } from './element.ts'

const SETTLE = 900 // ms without a change before an answer is read out

export interface Announcer {
  /** Announces a text now. */
  say(words: string): void
  /** Announces a text once no other text has come for SETTLE ms. '' clears the announcement. */
  settle(words: string): void
}

export function createAnnouncer(): Announcer {
  const now = element('spoken', HTMLElement)
  const settled = element('announcement', HTMLElement)
  let timer: ReturnType<typeof setTimeout> | undefined
  let pending = ''
  return {
    say(words) {
      now.textContent = words
    },
    settle(words) {
      if (words === pending) return
      pending = words
      clearTimeout(timer)
      if (words === '') settled.textContent = ''
      else timer = setTimeout(() => (settled.textContent = words), SETTLE)
    },
  }
}
