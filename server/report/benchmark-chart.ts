/**
 * A benchmark as an SVG file: how many times as fast as plain JavaScript each model and kernel is in WebAssembly, without and with
 * SIMD, on a logarithmic scale. A report without plain JavaScript has no bars.
 */

import { hasPeak, threeDigits, wasmTime } from '../../core/benchmark/columns.ts'
import type { BenchmarkReport, BenchmarkTimes } from '../../core/protocol.ts'
import { describeEnvironment, warnings } from './benchmark-table.ts'
import { asPercent } from './percent.ts'
import { cutTo, EDGE, svgBar, svgFile, svgText, svgTick, TICKS } from './svg.ts'

/** px */
const [LABEL, SCALE, SPEED] = [330, 400, 250]
const [ROW, BAR, GAP, HEAD] = [26, 9, 30, 118]
const TITLE = 'How many times as fast as plain JavaScript'
const WIDTH = EDGE + LABEL + SCALE + SPEED + EDGE
const LEFT = EDGE + LABEL + 10 // of the scale

/** Characters that fit beside the scale. */
const FITTING = 50

const SERIES = [
  { name: 'scalar', words: 'WebAssembly' },
  { name: 'simd', words: 'WebAssembly with SIMD' },
] as const

// Colours that also differ in lightness.
const STYLE = `
  .scalar { fill: #8fb7e3 }
  .simd { fill: #1f5fae }
  @media (prefers-color-scheme: dark) {
    .scalar { fill: #51749b }
    .simd { fill: #7cb8ff }
  }`

interface Row {
  readonly title: string
  readonly times: BenchmarkTimes
  readonly speed: string // beside the bars
}

/** Where a ratio is on the scale, px. */
type Scale = (ratio: number) => number

/** Models above, kernels below. A group that was not measured is left out. */
export function drawBenchmark(report: BenchmarkReport): string {
  const groups = [
    { title: 'Models, one image', rows: report.models.map(({ model, times }) => row(model, times)) },
    {
      title: 'Kernels',
      rows: report.kernels.map(({ title, times, share }) =>
        row(title, times, share === undefined || !hasPeak(report) ? '' : `, ${asPercent(share, 0)} of peak`),
      ),
    },
  ].filter(({ rows }) => rows.length > 0)
  const all = groups.flatMap(({ rows }) => rows.flatMap(({ times }) => ratios(times)))
  const least = TICKS.findLast((tick) => tick <= Math.min(1, ...all)) ?? TICKS[0]
  const most = Math.max(2, ...all)
  const x = (ratio: number) => LEFT + (SCALE * Math.log(Math.max(least, ratio) / least)) / Math.log(most / least)
  const notes = warnings(report)
  const top = HEAD + notes.length * 18
  const parts: string[] = []
  let y = top
  for (const { title, rows } of groups) {
    parts.push(svgText(EDGE, y + 4, title, 'group'))
    y += 16
    for (const one of rows) {
      parts.push(...drawRow(one, y, x))
      y += ROW
    }
    y += GAP
  }
  const bottom = y - GAP
  const ticks = TICKS.filter((tick) => tick >= least && tick <= most).flatMap((tick) =>
    svgTick(tick === 1 ? 'one' : 'grid', x(tick), top, bottom, `${tick}x`),
  )
  return svgFile(WIDTH, bottom + EDGE, TITLE, STYLE, [...drawHead(report, notes), ...ticks, ...parts])
}

function row(title: string, times: BenchmarkTimes, more = ''): Row {
  const { plain } = times
  const best = wasmTime(times)
  const speed = plain && best ? `${threeDigits(plain.median)} → ${threeDigits(best.median)} µs${more}` : ''
  return { title, times, speed }
}

function ratios({ plain, scalar, simd }: BenchmarkTimes): number[] {
  return [scalar, simd].flatMap((time) => (plain && time ? [plain.median / time.median] : []))
}

function drawHead({ environment, at }: BenchmarkReport, notes: readonly string[]): string[] {
  const legend = SERIES.flatMap(({ name, words }, i) => [
    `<rect class="${name}" x="${LEFT + i * 130}" y="73" width="11" height="11"/>`,
    svgText(LEFT + 17 + i * 130, 83, words),
  ])
  return [
    svgText(EDGE, 28, TITLE, 'title'),
    svgText(EDGE, 50, `${describeEnvironment(environment)}, ${at.slice(0, 10)}`, 'quiet'),
    ...notes.map((note, i) => svgText(EDGE, 108 + i * 18, note, 'quiet')),
    ...legend,
  ]
}

// Bars go from 1, where plain JavaScript is, to the right, or to the left where WebAssembly is slower.
function drawRow({ title, times, speed }: Row, y: number, x: Scale): string[] {
  const { plain } = times
  const drawn = SERIES.flatMap(({ name }, i) => {
    const time = times[name]
    if (!plain || !time) return []
    const ratio = plain.median / time.median
    const words = `${title}: ${threeDigits(time.median)} µs, ${ratio.toFixed(1)} times as fast as plain JavaScript`
    const [from, to] = [x(1), x(ratio)].sort((a, b) => a - b)
    return [{ ratio, bar: svgBar(name, from, y + 3 + i * (BAR + 1), to - from, BAR, words) }]
  })
  const end = Math.max(x(1), ...drawn.map(({ ratio }) => x(ratio)))
  const last = drawn.at(-1)
  return [
    svgText(LEFT - 10, y + 17, cutTo(title, FITTING), '', 'end'),
    ...drawn.map(({ bar }) => bar),
    ...(last ? [svgText(end + 6, y + 17, `${last.ratio.toFixed(1)}x`)] : []),
    svgText(WIDTH - EDGE, y + 17, speed, 'quiet', 'end'),
  ]
}
