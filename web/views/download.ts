/** What stands between the chosen model and this browser: a large download to agree to, its progress, or a reason. */

import type { Readiness } from '../models/library.ts'
import { LARGE_FILE } from '../models/library.ts'
import { element, setText } from './element.ts'
import { fileSize } from './format.ts'

/** @param fetch called when the download is wanted */
export function createDownloadView(fetch: () => void): (readiness: Readiness) => void {
  const root = element('download', HTMLElement)
  const text = element('download-text', HTMLElement)
  const button = element('fetch', HTMLButtonElement)
  const bar = element('fetched', HTMLProgressElement)
  button.addEventListener('click', fetch)
  return (readiness) => {
    const words = downloadMessage(readiness)
    root.hidden = words === undefined
    button.hidden = readiness.kind !== 'offered'
    bar.hidden = readiness.kind !== 'fetching'
    setText(text, words ?? '')
    if (readiness.kind === 'offered') button.textContent = `Fetch ${fileSize(readiness.bytes)}`
    if (readiness.kind === 'fetching') bar.value = readiness.received / readiness.bytes
  }
}

function downloadMessage(readiness: Readiness): string | undefined {
  switch (readiness.kind) {
    case 'offered':
      return 'This model is large. The phone answers with it; fetched, it also answers here, while you draw.'
    case 'fetching':
      return readiness.bytes > LARGE_FILE ? `Fetching the model, ${fileSize(readiness.bytes)} …` : undefined
    case 'failed':
      return `This browser can’t answer itself: ${readiness.reason}. The phone can.`
    default:
      return undefined
  }
}
