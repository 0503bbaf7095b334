/** The tables in the pages are those that the tools make of the figures that are kept. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { BenchmarkReport } from '../../core/protocol.ts'
import { SHIPPED_MODELS } from '../../server/files/program.ts'
import { loadModels } from '../../server/models/load.ts'
import { formatFigures, readFigures, replaceMarked } from '../../tools/generated-tables.ts'
import { type LoadFigures, loadText } from '../../tools/load/page.ts'
import { type PeersFigures, peersText } from '../../tools/peers/page.ts'
import { peerFigures } from '../../tools/peers/table.ts'
import { type ResultFigures, speedFigures, timesOf } from '../../tools/results/figures.ts'
import { type NumberFigures, numbersText } from '../../tools/results/numbers.ts'
import { resultParts } from '../../tools/results/page.ts'
import { batchTable, kernelTable, ratioToPlain, shownTimes, trainingTable } from '../../tools/results/speed.ts'
import { type AttackFigures, attackText } from '../../tools/simulate/attack-page.ts'
import { crowdFigures, type LearningFigures, learningText, roundTimes } from '../../tools/simulate/page.ts'
import { type YoursFigures, yoursText } from '../../tools/simulate/yours-page.ts'
import { PAGES, pageText } from './pages.ts'

const cards = loadModels(SHIPPED_MODELS, (problem) => {
  throw new Error(problem)
}).map(({ card }) => card)

/** Page, name of the markers, the text that belongs there, and the command that writes it. */
const PARTS: readonly (readonly [page: string, name: string, text: string, command: string])[] = [
  ...resultParts(readFigures<ResultFigures>('results'), cards).map(
    ([page, name, text]) => [page, name, text, 'npm run results -- --tables'] as const,
  ),
  ['docs/numbers.md', 'numbers', numbersText(readFigures<NumberFigures>('numbers')), 'npm run results -- --numbers'],
  ['docs/results.md', 'peers', peersText(readFigures<PeersFigures>('peers')), 'npm run peers'],
  ['docs/results.md', 'load', loadText(readFigures<LoadFigures>('load')), 'npm run load -- --write'],
  [
    'docs/learning.md',
    'simulations',
    learningText(readFigures<LearningFigures>('learning')),
    'npm run simulate -- --write',
  ],
  ['SECURITY.md', 'attack', attackText(readFigures<AttackFigures>('attacks')), 'npm run simulate -- attack --write'],
  ['docs/learning.md', 'yours', yoursText(readFigures<YoursFigures>('yours')), 'npm run simulate -- yours --write'],
]

const time = (median: number) => ({ median, p99: median * 2, fastest: median / 2, samples: 100 })

const REPORT: BenchmarkReport = {
  format: 1,
  at: '2026-11-21T12:00:00.000Z',
  seconds: 12,
  quick: false,
  environment: {
    program: '0.1.0',
    runtime: 'Node 24.21.0',
    cpu: 'a small one',
    cores: 4,
    arch: 'arm',
    selfTest: 'passed',
  },
  backends: ['simd', 'scalar', 'ts', 'plain'],
  peak: { simd: 8.1234, scalar: 2, ts: 1, plain: 1.5 },
  kernels: [
    {
      kernel: 'convForward',
      title: 'convForward 1x7x7x64x128 3x3 relu',
      work: 1000,
      unit: 'multiply-adds',
      times: { plain: time(100.4), ts: time(200.4), scalar: time(20.123), simd: time(0.0123456) },
      gflops: 1.2345,
      share: 0.1249,
    },
    {
      kernel: 'exp',
      title: 'exp 7850 normal',
      work: 7850,
      unit: 'elements',
      times: { ts: time(9.994) },
    },
  ],
  models: [],
  batches: [{ model: 'cnn', images: 16, pass: 16, time: time(320), perSecond: 51_234 }],
  training: [{ model: 'cnn', optimizer: 'adam', images: 20, time: time(2000), plain: time(9000), perImage: 100.4 }],
  drift: { checks: [], loss: 0, throttled: false },
}

describe('the generated parts', () => {
  test.each(PARTS)('of %s, %s, are what the command makes of its figures', (page, name, text, command) => {
    const committed = pageText(page)
    expect(committed === replaceMarked(committed, name, text), `${command} writes ${page} anew`).toBe(true)
  })

  test('are all that the pages have between markers', () => {
    const marked = PAGES.flatMap((page) =>
      [...pageText(page).matchAll(/^<!-- ([\w-]+) -->$/gm)].map(([, name]) => `${page} ${name}`),
    )
    expect(marked.sort()).toEqual(PARTS.map(([page, name]) => `${page} ${name}`).sort())
  })

  test('replace what stands between their markers and nothing else; a page without them is an error', () => {
    const page = 'before\n<!-- a -->\nold\n<!-- a end -->\nafter\n'
    expect(replaceMarked(page, 'a', 'new')).toBe('before\n<!-- a -->\nnew\n<!-- a end -->\nafter\n')
    expect(() => replaceMarked(page, 'b', 'new')).toThrow(/no markers <!-- b -->/)
  })

  test('compare with the bit-exact twin and never name TypeScript as what is compared with', () => {
    for (const [, , text] of PARTS) expect(text).not.toMatch(/(?<!bit-exact )TypeScript/)
  })
})

describe('figures', () => {
  test('of a benchmark have three digits, and a share in whole percent', () => {
    const { peak, peaks, kernels, batches, training, at, machine } = speedFigures(REPORT)
    expect(peaks).toBe(
      '8.12 (SIMD), 2.00 (scalar), 1.00 (bit-exact TypeScript twin), 1.50 (plain JavaScript) GFLOP/s on one core',
    )
    expect([at, machine, peak]).toEqual(['2026-11-21', 'a small one, 4 cores, arm, Node 24.21.0, inkling 0.1.0', 8.12])
    expect(kernels).toEqual([
      {
        title: 'convForward 1x7x7x64x128 3x3 relu',
        times: { plain: 100, twin: 200, scalar: 20.1, simd: 0.0123 },
        gflops: 1.23,
        share: 12,
      },
      { title: 'exp 7850 normal', times: { plain: null, twin: 9.99, scalar: null, simd: null } },
    ])
    expect(batches).toEqual([{ model: 'cnn', images: 16, perSecond: 51_200 }])
    expect(training).toEqual([
      { model: 'cnn', optimizer: 'adam', images: 20, step: 2, plain: 9, image: 100, epoch: 6.02 },
    ])
  })

  test('become rows with the ratio to plain JavaScript, and a dash for what the machine has not or earlier figures lack', () => {
    const figures = speedFigures(REPORT)
    expect(kernelTable(figures).slice(2)).toEqual([
      '| convForward 1x7x7x64x128 3x3 relu | 100 | 200 | 20.1 | 0.0123 | 8130.1 | 1.23, 12 % |',
      '| exp 7850 normal | – | 9.99 | – | – | – |  |',
    ])
    expect(batchTable(figures).slice(2)).toEqual(['| cnn | 51,200 |'])
    expect(trainingTable(figures).slice(2)).toEqual(['| cnn, adam | 20 | 2.00 | 9.00 | 4.5 | 100 | 6.02 |'])
    expect(timesOf({})).toEqual({ plain: null, twin: null, scalar: null, simd: null })
    expect(shownTimes({ twin: 9, scalar: 8, simd: 1 })).toEqual(['–', '9.00', '8.00', '1.00'])
    expect(ratioToPlain(undefined, 1)).toBe('–')
  })

  test('of peers are those of the best of each kind, the last record of each counting', () => {
    const record = (peer: string, value: number) => ({ peer, work: 'lr', metric: 'latency_median', value, unit: 'us' })
    const works = [
      'lr',
      'mlpB',
      'cnn',
      'lr/b256',
      'mlpB/b256',
      'cnn/b256',
      'lr+cnn',
      'lr/sgd/b100',
      'mlpB/adam/b100',
      'cnn/adam/b100',
      'mlpA/adam/b6000',
    ]
    const metrics = ['latency_median', 'throughput', 'first_answer', 'epoch', '200_epochs', 'train']
    const all = [...works, 'knn/k3/60k', 'rf/100trees/60k'].flatMap((work) =>
      metrics.map((metric) => ({ peer: 'inkling', work, metric, value: 2, unit: '' })),
    )
    const records = [...all, record('slow', 30), record('quick', 50), record('quick', 10), record('native', 1)]
    const [first, second] = peerFigures(records, { wasm: ['slow', 'quick'], native: ['native'] })
    expect(first).toEqual({
      title: 'softmax, one image',
      unit: 'µs',
      wasm: { peer: 'quick', value: 10 },
      native: { peer: 'native', value: 1 },
      inkling: 2,
      faster: { wasm: 5, native: 0.5 },
    })
    expect([second.wasm, second.faster]).toEqual([null, { wasm: null, native: null }])
  })

  test('of a crowd have no share of lies believed where nobody lies', () => {
    const measured = {
      accepted: 1,
      mnist: { mean: -0.0512, worst: -0.2 },
      worstClass: -1,
      believed: { honest: 0.981, lies: 0 },
    }
    expect(crowdFigures('random', 0, measured)).toEqual({
      lie: 'random',
      share: 0,
      promoted: 100,
      mean: -0.05,
      worst: -0.2,
      worstDigit: -1,
      honest: 98,
      lies: null,
    })
  })

  test('of speed are the three rounds of each model in their order', () => {
    const round = (model: string, served: number) => ({
      model,
      round: '',
      served,
      collecting: 0,
      preparing: 0,
      training: 0,
      gate: 0,
    })
    expect(roundTimes([round('cnn', 5.94), round('cnn', 1.2), round('cnn', 6.1)])).toEqual([
      { model: 'cnn', first: 5.9, second: 1.2, restarted: 6.1 },
    ])
  })

  test('are kept as they are written', () => {
    const kept = (name: string) => readFileSync(new URL(`../../docs/figures/${name}.json`, import.meta.url), 'utf8')
    expect(JSON.parse(formatFigures(readFigures('load')))).toEqual(JSON.parse(kept('load')))
    expect(formatFigures({ rows: [{ a: 1, b: 2 }] })).toBe('{\n  "rows": [\n    { "a": 1, "b": 2 }\n  ]\n}\n')
  })
})
