/** Speaks to screen readers: at once for what a key did, and only when it has settled for the answer. */

import { element } from './element.ts'

const SETTLE = 900 // ms without a change before an answer is read out

export interface Announcer {
  /** Says it now. */
  say(words: string): void
  /** Says it when nothing else has come for a while; '' forgets what was said. */
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
