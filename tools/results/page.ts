/** The parts of docs/results.md, docs/benchmarks.md and the README that `npm run results` writes. */

import { COUNTED } from '../../core/benchmark/columns.ts'
import type { Card } from '../../core/models/card.ts'
import { writeMarked } from '../generated-tables.ts'
import { armTable } from './arm.ts'
import { devicesText } from './devices.ts'
import type { ResultFigures } from './figures.ts'
import { modelTable, samplingTable, shortTable, verdictTable } from './models.ts'
import { batchTable, kernelTable, trainingTable } from './speed.ts'

/** The generated parts of the pages: page, name of its markers, text. */
export function resultParts(
  figures: ResultFigures,
  cards: readonly Card[],
): [page: string, name: string, text: string][] {
  const { at, machine, images, weights, start, warnings, peaks } = figures
  const models = [
    `Measured by \`npm run results\` on ${at}, on one core: ${machine}.`,
    ...warnings,
    '',
    ...modelTable(figures, cards),
    '',
    `± is the standard error; ${images.mnist.toLocaleString('en')} images of MNIST, the same ones pasted on 280x280 canvases (any place, size 0.3 to 1,`,
    `colour, polarity, transparency), and ${images.drawings.toLocaleString('en')} pen drawings of 14 writers nothing was learned from (pendigits-test), drawn as a`,
    'canvas would. All go the way of any request. ECE is the expected calibration error. The whole of `weights/` takes',
    `${weights.toFixed(1)} MB.`,
    '',
    ...samplingTable(figures),
    '',
    `Server start to first answer over HTTP: ${start} ms (median of 5).`,
  ]
  const counted = peaks ? [`Multiply-add at most: ${peaks}. ${COUNTED}`, ''] : [COUNTED, '']
  const speed = [...batchTable(figures), '', ...trainingTable(figures)]
  return [
    ['README.md', 'results', shortTable(figures, cards).join('\n')],
    ['docs/results.md', 'models', models.join('\n')],
    ['docs/results.md', 'verdicts', verdictTable(figures, cards).join('\n')],
    ['docs/results.md', 'speed', speed.join('\n')],
    ['docs/results.md', 'kernels', [...counted, ...kernelTable(figures)].join('\n')],
    ['docs/benchmarks.md', 'devices', devicesText(figures)],
    ['docs/results.md', 'arm', [COUNTED, '', ...armTable()].join('\n')],
  ]
}

export function writeResults(figures: ResultFigures, cards: readonly Card[]): void {
  for (const part of resultParts(figures, cards)) writeMarked(...part)
}
