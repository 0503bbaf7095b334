/** Ten bars: the probability of each digit, and its standard deviation where a model was asked many times. */

import { CLASSES } from '../../core/data/dataset.ts'
import { append, element } from './element.ts'
import { percent, percentWithSpread } from './format.ts'

const NEGLIGIBLE = 0.002 // 0..1, a deviation whose line would be too short to see

/** Creates the bars. The returned function shows ten probabilities 0..1, or none, and their standard deviations. */
export function createBarsView(): (probabilities: readonly number[] | undefined, spread?: readonly number[]) => void {
  const list = element('bars', HTMLOListElement)
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const row = append(list, 'li')
    append(row, 'span', 'bar-digit', String(digit))
    const bar = append(row, 'span', 'bar')
    const share = append(row, 'span', 'bar-share')
    append(bar, 'i')
    const whisker = append(bar, 'b')
    bar.setAttribute('aria-hidden', 'true')
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
        // From one standard deviation below to one above, within 0..1.
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
