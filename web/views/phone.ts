/** The line about the phone: its state, its answer, and whether it agrees with the browser. */

import type { PhoneMessage } from '../answers/messages.ts'
import { element } from './element.ts'

export function createPhoneView(): (words: PhoneMessage) => void {
  const root = element('phone', HTMLElement)
  const text = element('phone-text', HTMLElement)
  const detail = element('phone-detail', HTMLElement)
  return (words) => {
    root.dataset.tone = words.tone
    text.textContent = words.text
    detail.textContent = words.detail ?? ''
  }
}
