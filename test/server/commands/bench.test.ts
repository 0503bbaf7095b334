/** `inkling bench`: what it prints, draws and stores, and its errors. How it measures is tested in core/benchmark. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { COUNTED } from '../../../core/benchmark/columns.ts'
import type { BenchmarkReport } from '../../../core/protocol.ts'
import { drawBenchmark } from '../../../server/report/benchmark-chart.ts'
import { describeBenchmark } from '../../../server/report/benchmark-table.ts'
import { run } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-bench-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const time = (median: number) => ({ median, p99: median * 2, fastest: median / 2, samples: 100 })

const REPORT: BenchmarkReport = {
  format: 1,
  at: '2026-11-21T12:00:00.000Z',
  seconds: 12,
  quick: true,
  environment: {
    program: '0.1.0',
    runtime: 'Node 24.21.0',
    kernels: 'ab',
    cpu: 'a <fast> & small one',
    cores: 4,
    arch: 'arm',
    selfTest: 'passed',
  },
  backends: ['simd', 'scalar', 'ts', 'plain'],
  peak: { simd: 8, scalar: 2, ts: 1, plain: 1.5 },
  kernels: [
    {
      kernel: 'convForward',
      title: 'convForward 1x7x7x64x128 3x3 relu',
      work: 1000,
      unit: 'multiply-adds',
      times: { plain: time(200), ts: time(300), scalar: time(20), simd: time(2) },
      gflops: 1,
      share: 0.125,
    },
  ],
  models: [
    {
      model: 'cnn',
      name: 'a cnn',
      type: 'network',
      memory: 1_048_576,
      times: { plain: time(1000), ts: time(1800), scalar: time(500), simd: time(40) },
    },
  ],
  batches: [{ model: 'cnn', images: 16, pass: 16, time: time(320), perSecond: 50_000 }],
  training: [{ model: 'cnn', optimizer: 'adam', images: 20, time: time(2000), plain: time(9000), perImage: 100 }],
  drift: { checks: [], loss: 0, throttled: false },
}

/** The names of the elements of an XML text, which ends with none of them open. */
function elements(xml: string): string[] {
  const open: string[] = []
  const names: string[] = []
  for (const [, end, name, , empty] of xml.matchAll(/<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z-]+="[^"<&]*")*)\s*(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name)
    else names.push(name)
    if (!end && !empty) open.push(name)
  }
  expect(open).toEqual([])
  const words = xml.replaceAll(/<[^<>]*>/g, '')
  expect(words).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/)
  return names
}

describe('inkling bench', () => {
  test('prints a report, draws it and keeps the same', async () => {
    const [svg, state] = [join(folder, 'bench.svg'), join(folder, 'state')]
    const words = ['bench', '--quick', '--only', 'mlp-5', '--json', '--svg', svg, '--save', '--state', state]
    const { code, stdout, stderr } = await run(words, { INKLING_BACKEND: undefined })
    expect([code, stderr]).toEqual([0, ''])
    const report = JSON.parse(stdout) as BenchmarkReport
    expect(report).toMatchObject({
      format: 1,
      quick: true,
      backends: ['simd', 'scalar', 'ts', 'plain'],
      kernels: [],
      batches: [],
    })
    expect(report.environment).toMatchObject({ runtime: `Node ${process.versions.node}`, arch: process.arch })
    expect(report.models.map(({ model, times }) => [model, Object.keys(times)])).toEqual([
      ['mlp-5', ['plain', 'ts', 'scalar', 'simd']],
    ])
    expect(report.processor).toBeGreaterThan(0)
    expect(report.memory?.most).toBeGreaterThanOrEqual(report.memory?.before ?? Infinity)
    expect(elements(readFileSync(svg, 'utf8')).filter((name) => name === 'rect').length).toBeGreaterThan(3)
    expect(JSON.parse(readFileSync(join(state, 'benchmark.json'), 'utf8'))).toEqual(report)
    expect(readdirSync(state)).toEqual(['benchmark.json'])
    expect(statSync(join(state, 'benchmark.json')).mode & 0o077).toBe(0)
  })

  test('prints a table, without WebAssembly where INKLING_BACKEND is ts', async () => {
    const { code, stdout } = await run(['bench', '--quick', '--only', 'softmax'], { INKLING_BACKEND: 'ts' })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^softmax +\d[\d.]* +\d[\d.]* +- +- +\d[\d.]* +- /m)
    expect(stdout).toMatch(
      /^Multiply-add at most: [\d.]+ \(bit-exact TypeScript twin\), [\d.]+ \(plain JavaScript\) GFLOP\/s on/m,
    )
    expect(stdout).toContain(COUNTED)
  })

  test('ends with 2 and names everything there is where a name is unknown', async () => {
    const { code, stdout, stderr } = await run(['bench', '--only', 'cnn,nope'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^inkling: --only: there is no nope; there are: peak, kernels, .*convForward.*, cnn, [^\n]*\n$/,
    )
  })

  test.each([
    [['--svg', join(folder, 'nowhere', 'x.svg')], 1, /^inkling: there is no folder .*nowhere\n$/],
    [['--bogus'], 2, /unknown option/],
    [['--models', join(folder, 'nowhere')], 1, /^inkling: cannot_read: /],
  ])('%j ends with %i before anything is measured', async (words, expected, message) => {
    const { code, stdout, stderr } = await run(['bench', ...words])
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(message)
  })
})

describe('the tables', () => {
  test('have a line for every row, with medians, the fastest one’s p99, the ratio, and the share of the peak', () => {
    const text = describeBenchmark(REPORT)
    expect(text).toMatch(/^cnn +1000 +1800 +500 +40\.0 +80\.0 +25\.0x +1\.0 MiB$/m)
    expect(text).toMatch(/^convForward 1x7x7x64x128 3x3 relu +200 +300 +20\.0 +2\.00 +4\.00 +100\.0x +1\.00 +13 %$/m)
    expect(text).toMatch(/^cnn +16 +16 +50000 +20\.0$/m)
    expect(text).toMatch(/^cnn +adam +20 +9\.00 +2\.00 +4\.00 +100 +4\.5x$/m)
    expect(text).not.toMatch(/lost|had a core|missing/)
  })

  test('have no ratio, and no peak of the twin, in a report of a release without plain JavaScript', () => {
    const { plain: _, ...peak } = REPORT.peak
    const models = REPORT.models.map((model) => {
      const { plain: _, ...times } = model.times
      return { ...model, times }
    })
    const text = describeBenchmark({ ...REPORT, backends: ['simd', 'scalar', 'ts'], peak, models })
    expect(text).toMatch(/^cnn +- +1800 +500 +40\.0 +80\.0 +- +1\.0 MiB$/m)
    expect(text).toContain('Multiply-add at most: 8.00 (SIMD), 2.00 (scalar) GFLOP/s on one core')
    expect(elements(drawBenchmark({ ...REPORT, kernels: [], models })).filter((name) => name === 'title')).toHaveLength(
      1,
    )
  })

  test('say that the machine slowed down, was busy, or has no SIMD', () => {
    const text = describeBenchmark({
      ...REPORT,
      environment: { ...REPORT.environment, selfTest: 'simd: no SIMD' },
      drift: { checks: [], loss: 0.23, throttled: true },
      processor: 0.5,
    })
    expect(text).toMatch(/lost 23 % of its speed/)
    expect(text).toMatch(/had a core for 50 % of the time/)
    expect(text).toMatch(/A backend is missing: simd: no SIMD/)
  })
})

describe('the chart', () => {
  test('has two bars for each row, scalar and SIMD, as long as the logarithm of the ratio', () => {
    const svg = drawBenchmark(REPORT)
    expect(elements(svg).filter((name) => name === 'title')).toHaveLength(1 + 4) // the chart's own and each bar's
    const widths = (name: string) =>
      [...svg.matchAll(new RegExp(`<rect class="${name}" [^>]*width="([\\d.]+)"[^>]*><title>`, 'g'))].map(([, w]) => +w)
    // 100, the largest, fills the scale; 25 and 2 for the model, 10 for the kernel
    expect(widths('simd')[1]).toBe(400)
    expect(widths('simd')[0]).toBeCloseTo((400 * Math.log(25)) / Math.log(100), 0)
    expect(widths('scalar')[0]).toBeCloseTo((400 * Math.log(2)) / Math.log(100), 0)
    expect(widths('scalar')[1]).toBeCloseTo(200, 0)
  })

  test('has a bar to the left of plain JavaScript where WebAssembly is slower', () => {
    const times = { plain: time(100), scalar: time(200), simd: time(10) }
    const svg = drawBenchmark({ ...REPORT, kernels: [], models: REPORT.models.map((model) => ({ ...model, times })) })
    const bars = [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)" height="9">/g)]
    const [scalar, simd] = bars.map(([, , x, width]) => [Number(x), Number(width)])
    expect(scalar[0] + scalar[1]).toBeCloseTo(simd[0], 0)
    expect(simd[1] / scalar[1]).toBeCloseTo(Math.log(10) / Math.log(2), 1)
    expect(svg).toContain('>0.5x<')
  })

  test('names device, Node and day, whatever characters are in it', () => {
    expect(drawBenchmark(REPORT)).toContain('a &lt;fast&gt; &amp; small one, 4 cores, arm, Node 24.21.0')
    expect(drawBenchmark(REPORT)).toContain('2026-11-21')
  })

  test('of nothing but the peak is still a picture', () => {
    expect(elements(drawBenchmark({ ...REPORT, kernels: [], models: [] }))).toContain('svg')
  })
})
