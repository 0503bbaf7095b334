/**
 * A benchmark as an SVG file: how many times as fast as the bit-exact TypeScript twin each model and kernel is in WebAssembly,
 * on a logarithmic scale.
 * Drawn without a library, so that a phone can draw it too; legible on light and dark.
 */

import type { BenchmarkReport, BenchmarkTimes } from '../../core/protocol.ts'
import { describeEnvironment, hasPeak, threeDigits, warnings } from './benchmark-table.ts'
import { asPercent } from './percent.ts'

/** px */
const [LABEL, SCALE, SPEED, MARGIN] = [330, 400, 250, 16]
const [ROW, BAR, GAP, HEAD] = [26, 9, 30, 118]
const TITLE = 'How many times as fast as the bit-exact TypeScript twin'
const WIDTH = MARGIN + LABEL + SCALE + SPEED + MARGIN
const LEFT = MARGIN + LABEL + 10 // of the scale: 1, where the twin is

/** Characters that fit beside the scale. */
const FITTING = 50

const SERIES = [
  { name: 'scalar', words: 'WebAssembly' },
  { name: 'simd', words: 'WebAssembly with SIMD' },
] as const

// Colours that also differ in lightness.
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1b1f24 }
  .title { font-size: 17px; font-weight: 600 }
  .group { font-weight: 600 }
  .quiet { fill: #59636e }
  .paper { fill: #ffffff }
  .grid { stroke: #d1d9e0 }
  .one { stroke: #59636e }
  .scalar { fill: #8fb7e3 }
  .simd { fill: #1f5fae }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f3f6 }
    .quiet { fill: #a9b4bf }
    .paper { fill: #14181d }
    .grid { stroke: #2c343d }
    .one { stroke: #a9b4bf }
    .scalar { fill: #51749b }
    .simd { fill: #7cb8ff }
  }`

interface Row {
  readonly title: string
  readonly times: BenchmarkTimes
  readonly speed: string // beside the bars
}

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
  const most = Math.max(2, ...groups.flatMap(({ rows }) => rows.flatMap(({ times }) => ratios(times))))
  // a ratio below 1 is drawn as 1, where the scale begins
  const x = (ratio: number) => LEFT + (SCALE * Math.log(Math.max(1, ratio))) / Math.log(most)
  const notes = warnings(report)
  const top = HEAD + notes.length * 18
  const parts: string[] = []
  let y = top
  for (const { title, rows } of groups) {
    parts.push(text(MARGIN, y + 4, title, 'group'))
    y += 16
    for (const one of rows) {
      parts.push(...drawRow(one, y, x))
      y += ROW
    }
    y += GAP
  }
  const bottom = y - GAP
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + MARGIN}" viewBox="0 0 ${WIDTH} ${bottom + MARGIN}">`,
    `<title>${TITLE}</title>`,
    `<style>${STYLE}\n</style>`,
    '<rect class="paper" width="100%" height="100%"/>',
    ...drawHead(report, notes),
    ...drawScale(most, x, top, bottom),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function row(title: string, times: BenchmarkTimes, more = ''): Row {
  const best = times.simd ?? times.scalar
  const speed = times.ts && best ? `${threeDigits(times.ts.median)} → ${threeDigits(best.median)} µs${more}` : ''
  return { title, times, speed }
}

function ratios({ ts, ...others }: BenchmarkTimes): number[] {
  return ts ? Object.values(others).map(({ median }) => ts.median / median) : []
}

function drawHead({ environment, at }: BenchmarkReport, notes: readonly string[]): string[] {
  const legend = SERIES.flatMap(({ name, words }, i) => [
    `<rect class="${name}" x="${LEFT + i * 130}" y="73" width="11" height="11"/>`,
    text(LEFT + 17 + i * 130, 83, words),
  ])
  return [
    text(MARGIN, 28, TITLE, 'title'),
    text(MARGIN, 50, `${describeEnvironment(environment)}, ${at.slice(0, 10)}`, 'quiet'),
    ...notes.map((note, i) => text(MARGIN, 108 + i * 18, note, 'quiet')),
    ...legend,
  ]
}

// Lines at 1, 2, 5, 10, ... with their numbers above.
function drawScale(most: number, x: (ratio: number) => number, top: number, bottom: number): string[] {
  const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter((tick) => tick <= most)
  return ticks.flatMap((tick) => [
    `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${top + 10}" y2="${bottom}"/>`,
    text(x(tick), top + 2, `${tick}x`, 'quiet', 'middle'),
  ])
}

function drawRow({ title, times, speed }: Row, y: number, x: (ratio: number) => number): string[] {
  const { ts } = times
  const cut = title.length > FITTING ? `${title.slice(0, FITTING - 1).trimEnd()}…` : title
  const drawn = SERIES.flatMap(({ name }, i) => {
    const time = times[name]
    if (!ts || !time) return []
    const ratio = ts.median / time.median
    const width = at(Math.max(1, x(ratio) - LEFT))
    const words = `${title}: ${threeDigits(time.median)} µs, ${ratio.toFixed(1)} times as fast as the TypeScript twin`
    return [
      {
        name,
        ratio,
        bar: `<rect class="${name}" x="${LEFT}" y="${y + 3 + i * (BAR + 1)}" width="${width}" height="${BAR}"><title>${escaped(words)}</title></rect>`,
      },
    ]
  })
  const end = Math.max(LEFT, ...drawn.map(({ ratio }) => x(ratio)))
  const last = drawn.at(-1)
  return [
    text(LEFT - 10, y + 17, cut, '', 'end'),
    ...drawn.map(({ bar }) => bar),
    ...(last ? [text(end + 6, y + 17, `${last.ratio.toFixed(1)}x`)] : []),
    text(WIDTH - MARGIN, y + 17, speed, 'quiet', 'end'),
  ]
}

function text(x: number, y: number, words: string, style = '', anchor = ''): string {
  const attributes = `${style && ` class="${style}"`}${anchor && ` text-anchor="${anchor}"`}`
  return `<text x="${at(x)}" y="${y}"${attributes}>${escaped(words)}</text>`
}

function at(px: number): number {
  return Math.round(px * 10) / 10
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
