/**
 * `npm run results`: measures the figures of docs/results.md, stores them in docs/figures, draws the chart, and writes the tables
 * there and the short one in the README. It needs INKLING_DATA and a build, and takes some ten minutes, on a machine that does
 * nothing else. `-- --tables` makes the tables from the figures measured before; `-- --numbers` measures how numbers are read, by cnn
 * and cnn-small, and nothing else.
 */

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SHIPPED_MODELS } from '../server/files/program.ts'
import { loadModels, type StoredModel } from '../server/models/load.ts'
import { drawBenchmark } from '../server/report/benchmark-chart.ts'
import { dataDir } from '../test/data-sets.ts'
import { readFigures, writeFigures, writeMarked } from './generated-tables.ts'
import type { ResultFigures } from './results/figures.ts'
import { measureResults } from './results/measure.ts'
import { measureNumbers, type NumberFigures, numbersText } from './results/numbers.ts'
import { writeResults } from './results/page.ts'

/** Kernels in the chart: those that take most of the time. All are in the table. */
const DRAWN = /^(dense\w+ 32x(200|784x200)|conv|maxPool\w+ 1|softmax 1|exp|adam|distances)/

/** Models that read numbers in the table, and how many of each kind. */
const READERS = ['cnn', 'cnn-small']
const NUMBERS = 300

const { values } = parseArgs({ options: { tables: { type: 'boolean' }, numbers: { type: 'boolean' } } })
const models = loadModels(SHIPPED_MODELS, (problem) => {
  throw new Error(problem)
}).sort(byAccuracy)

function byAccuracy(a: StoredModel, b: StoredModel): number {
  return b.card.test.accuracy - a.card.test.accuracy
}

if (values.numbers) {
  if (!dataDir) throw new Error('INKLING_DATA names no folder')
  const readers = models.filter(({ card }) => READERS.includes(card.id))
  writeFigures('numbers', await measureNumbers(readers, dataDir, NUMBERS))
} else if (!values.tables) {
  if (!dataDir) throw new Error('INKLING_DATA names no folder')
  const { figures, report } = await measureResults(models, dataDir)
  writeFigures('results', figures)
  const kernels = report.kernels.filter(({ title }) => DRAWN.test(title))
  writeFileSync(new URL('../web/speed.svg', import.meta.url), drawBenchmark({ ...report, kernels }))
}
writeMarked('docs/numbers.md', 'numbers', numbersText(readFigures<NumberFigures>('numbers')))
writeResults(
  readFigures<ResultFigures>('results'),
  models.map(({ card }) => card),
)
