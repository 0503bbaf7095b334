/** Loss and accuracy of a training run, epoch by epoch, on the training and the validation images. */

import type { EpochFigures } from '../training/run.ts'
import type { Plotter } from './plot.ts'

const SETS = ['training', 'validation'] as const
const COLOURS = ['#4269d0', '#c2410c']
const ERRORS = 'errors, %'
const SIZE = { width: 720, height: 300 } // px

interface Point {
  readonly epoch: number
  readonly set: string
  readonly value: number
}

/**
 * An SVG file: loss above (logarithmic), error rate below, because accuracies near 1 look alike. The best epoch is marked.
 * @param trained the loss that training minimised, if it is not the cross-entropy that validation measures
 */
export function drawCurves(
  { Plot, draw }: Plotter,
  title: string,
  history: readonly EpochFigures[],
  trained?: string,
): string {
  const kept = history.findLast(({ best }) => best)
  const points = (figure: (of: { readonly loss: number; readonly accuracy: number }) => number): Point[] =>
    history.flatMap((epoch) => SETS.map((set) => ({ epoch: epoch.epoch, set, value: figure(epoch[set]) })))

  const curve = (label: string, data: readonly Point[], scale: object) => ({
    ...SIZE,
    options: {
      marginLeft: 56,
      marginRight: 20,
      marginTop: 34,
      x: {
        label: kept ? `epoch; the weights of epoch ${kept.epoch} are kept` : 'epoch',
        domain: [1, Math.max(2, history.length)],
        tickFormat: 'd',
      },
      y: { label, grid: true, ...scale },
      color: { domain: SETS, range: COLOURS },
      marks: [
        ...(kept ? [Plot.ruleX([kept.epoch], { stroke: '#888', strokeDasharray: '3 3' })] : []),
        Plot.lineY(data, { x: 'epoch', y: 'value', stroke: 'set', z: 'set' }),
        ...(history.length === 1 ? [Plot.dot(data, { x: 'epoch', y: 'value', fill: 'set' })] : []),
        ...SETS.map((set, i) =>
          Plot.text([i === 0 && trained && label !== ERRORS ? `${set} (${trained})` : set], {
            frameAnchor: 'top-right',
            dy: 14 * i - 30,
            fill: COLOURS[i],
            fontSize: 12,
          }),
        ),
      ],
    },
  })

  return draw(
    curve(`${title}: loss, nats`, positive(points(({ loss }) => loss)), { type: 'log', tickFormat: '~g', ticks: 6 }),
    curve(
      'errors, %',
      points(({ accuracy }) => 100 * (1 - accuracy)),
      { type: 'sqrt' },
    ),
  )
}

// A logarithmic axis cannot show 0, and no axis can show a loss that diverged.
function positive(points: readonly Point[]): Point[] {
  return points.filter(({ value }) => value > 0 && Number.isFinite(value))
}
