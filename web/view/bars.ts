/** Ten bars: how probable each digit is. */

import { element } from '../element.ts'
import { percent } from '../words.ts'

/** Makes the bars; the returned function shows ten probabilities 0..1, or none. */
export function createBarsView(): (probabilities: readonly number[] | undefined) => void {
  const list = element('bars', HTMLOListElement)
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const row = document.createElement('li')
    const label = part(row, 'bar-digit')
    const bar = part(row, 'bar')
    const share = part(row, 'bar-share')
    label.textContent = String(digit)
    bar.append(document.createElement('i'))
    bar.setAttribute('aria-hidden', 'true')
    list.append(row)
    return { row, bar, share }
  })
  return (probabilities) => {
    const most = probabilities ? Math.max(...probabilities) : 0
    for (const [digit, { row, bar, share }] of rows.entries()) {
      const probability = probabilities?.[digit] ?? 0
      bar.style.setProperty('--share', String(probability))
      share.textContent = probabilities ? percent(probability) : '–'
      row.classList.toggle('most', probability > 0 && probability === most)
    }
  }
}

function part(row: HTMLElement, className: string): HTMLElement {
  const span = document.createElement('span')
  span.className = className
  row.append(span)
  return span
}
