/** The download of the chosen model: the offer to fetch a large one, the progress, or why it can't run in this browser. */

import type { Readiness } from '../models/library.ts'
import { LARGE_FILE } from '../models/library.ts'
import { element, setText } from './element.ts'
import { fileSize } from './format.ts'

/** @param fetch called when the visitor wants the download */
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
      return 'This model is large. The phone answers with it. Fetch it, and your browser answers too, while you draw.'
    case 'fetching':
      return readiness.bytes > LARGE_FILE ? `Fetching the model, ${fileSize(readiness.bytes)} …` : undefined
    case 'failed':
      return `This browser can’t answer with this model: ${readiness.reason}. The phone can.`
    default:
      return undefined
  }
}
