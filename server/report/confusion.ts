/** The confusion matrix of a model: counts, shaded by share of the row. */

import type { Evaluation } from '../../core/models/evaluation.ts'
import type { Plotter } from './plot.ts'

/**
 * An SVG file: one row per digit, one column per answer. Errors are shaded on a scale of their own, because the diagonal is
 * much larger.
 */
export function drawConfusion(
  { Plot, draw }: Plotter,
  title: string,
  { confusion, digits, correct }: Evaluation,
): string {
  const refusals = confusion.some((row) => row[row.length - 1] > 0)
  const name = (answer: number) => (answer === 10 ? 'none' : String(answer))
  const cells = confusion.flatMap((row, label) => {
    const total = Math.max(
      1,
      row.reduce((sum, count) => sum + count),
    )
    return row.slice(0, refusals ? 11 : 10).map((count, answer) => ({
      label: String(label),
      answer: name(answer),
      count,
      right: label === answer,
      share: count / total,
    }))
  })
  const wrong = cells.filter(({ right }) => !right)
  const worst = Math.max(1e-9, ...wrong.map(({ share }) => share))
  const place = { x: 'answer', y: 'label' } as const
  return draw({
    width: 560,
    height: 540,
    options: {
      marginTop: 60,
      marginLeft: 50,
      x: {
        type: 'band',
        axis: 'top',
        label: `${title}: ${correct} of ${digits} right; across: its answer, down: the digit`,
        labelAnchor: 'left',
        domain: [...new Set(cells.map(({ answer }) => answer))],
      },
      y: { label: null, type: 'band' },
      marks: [
        Plot.cell(
          cells.filter(({ right }) => right),
          { ...place, fill: '#2563eb', fillOpacity: (cell: { share: number }) => 0.08 + 0.42 * cell.share, inset: 0.5 },
        ),
        Plot.cell(wrong, {
          ...place,
          fill: '#dc2626',
          fillOpacity: (cell: { share: number }) => 0.02 + (0.6 * cell.share) / worst,
          inset: 0.5,
        }),
        Plot.text(
          cells.filter(({ count }) => count > 0),
          { ...place, text: 'count', fontSize: 13 },
        ),
      ],
    },
  })
}
