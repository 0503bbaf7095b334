/** Ten bars: how probable each digit is, and how far that strays where a model was asked many times. */

import { element } from './element.ts'
import { percent, percentWithSpread } from './format.ts'

const NEGLIGIBLE = 0.002 // 0..1, a deviation that would be a line of no length

/** Makes the bars; the returned function shows ten probabilities 0..1, or none, and their ten standard deviations. */
export function createBarsView(): (probabilities: readonly number[] | undefined, spread?: readonly number[]) => void {
  const list = element('bars', HTMLOListElement)
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const row = document.createElement('li')
    const label = part(row, 'bar-digit')
    const bar = part(row, 'bar')
    const share = part(row, 'bar-share')
    const whisker = document.createElement('b')
    label.textContent = String(digit)
    bar.append(document.createElement('i'), whisker)
    bar.setAttribute('aria-hidden', 'true')
    list.append(row)
    return { row, bar, share, whisker }
  })
  return (probabilities, spread) => {
    const most = probabilities ? Math.max(...probabilities) : 0
    list.classList.toggle('spread', spread !== undefined)
    for (const [digit, { row, bar, share, whisker }] of rows.entries()) {
      const probability = probabilities?.[digit] ?? 0
      const deviation = spread?.[digit]
      bar.style.setProperty('--share', String(probability))
      whisker.hidden = deviation === undefined || deviation < NEGLIGIBLE
      if (deviation !== undefined) {
        // From one standard deviation below to one above, within what a probability can be.
        bar.style.setProperty('--low', String(Math.max(0, probability - deviation)))
        bar.style.setProperty('--high', String(Math.min(1, probability + deviation)))
      }
      share.textContent = !probabilities
        ? '–'
        : deviation === undefined
          ? percent(probability)
          : percentWithSpread(probability, deviation)
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
