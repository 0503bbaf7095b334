/**
 * Reports of several devices as one SVG file: for each model and kernel a bar of each device, the time on its fastest backend on a
 * logarithmic scale, and a stroke where plain JavaScript is.
 */

import { speedup, threeDigits } from '../../core/benchmark/columns.ts'
import { type ComparedWork, kernelsSideBySide, modelsSideBySide } from '../../core/benchmark/side-by-side.ts'
import type { BenchmarkReport } from '../../core/protocol.ts'
import { describeEnvironment, timesFaster, warnings } from './benchmark-table.ts'
import { deviceLetter, fastestTime, hasPlain } from './compare-table.ts'
import { cutTo, EDGE, svgBar, svgFile, svgText, svgTick } from './svg.ts'

/** Most devices in a chart: it has so many colours. */
export const CHART_DEVICES = 6

/** px */
const [LABEL, SCALE, SPEED] = [330, 460, 150]
const [BAR, PAD, GAP, HEAD, LINE] = [13, 8, 30, 72, 18]
const TITLE = 'Time of one call on each device: the shorter the bar, the faster'
const NOTE =
  'Bars: the fastest backend, on a logarithmic scale. Strokes: plain JavaScript. Beside them: how many times as fast as that.'
const WIDTH = EDGE + LABEL + SCALE + SPEED + EDGE
const LEFT = EDGE + LABEL + 10 // of the scale

/** Characters that fit beside the scale, and in the width. */
const FITTING = 50
const ACROSS = 150

// Neighbours differ in lightness too (Okabe, Ito 2008).
const STYLE = `
  .a { fill: #0072b2 } .b { fill: #e69f00 } .c { fill: #009e73 } .d { fill: #cc79a7 } .e { fill: #56b4e9 } .f { fill: #8a5a00 }
  .plain { fill: #1b1f24 }
  @media (prefers-color-scheme: dark) {
    .a { fill: #4fa8de } .b { fill: #f0b840 } .c { fill: #37c79b } .d { fill: #e3a3c4 } .e { fill: #9ad4f5 } .f { fill: #c99a3f }
    .plain { fill: #f0f3f6 }
  }`

/**
 * Models above, kernels below.
 * @param reports at most CHART_DEVICES
 */
export function drawComparison(reports: readonly BenchmarkReport[]): string {
  const groups = [
    { title: 'Models, one image', works: modelsSideBySide(reports) },
    { title: 'Kernels', works: kernelsSideBySide(reports) },
  ].filter(({ works }) => works.length > 0)
  const times = groups.flatMap(({ works }) => works.flatMap(timesOfWork))
  const low = Math.floor(Math.log10(Math.min(1, ...times)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...times))))
  const x = (us: number) => LEFT + (SCALE * (Math.log10(us) - low)) / (high - low)
  const head = drawDevices(reports)
  const top = HEAD + head.length * LINE + 30
  const parts: string[] = []
  let y = top
  for (const { title, works } of groups) {
    parts.push(svgText(EDGE, y + 4, title, 'group'))
    y += 16
    for (const work of works) {
      parts.push(...drawWork(work, y, x))
      y += reports.length * BAR + PAD
    }
    y += GAP
  }
  const bottom = Math.max(top, y - GAP)
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).flatMap((us) =>
    svgTick('grid', x(us), top, bottom, microsecondsWords(us)),
  )
  const title = [svgText(EDGE, 28, TITLE, 'title'), svgText(EDGE, 50, NOTE, 'quiet')]
  return svgFile(WIDTH, bottom + EDGE, TITLE, STYLE, [...title, ...head.flat(), ...ticks, ...parts])
}

// A line for each device, and one for each of its warnings.
function drawDevices(reports: readonly BenchmarkReport[]): string[][] {
  const lines: string[][] = []
  const y = () => HEAD + lines.length * LINE
  for (const [i, report] of reports.entries()) {
    const name = `${deviceLetter(i)}  ${describeEnvironment(report.environment)}, ${report.at.slice(0, 10)}`
    lines.push([
      `<rect class="${styleOf(i)}" x="${EDGE}" y="${y() - 2}" width="11" height="11"/>`,
      svgText(EDGE + 18, y() + 8, cutTo(name, ACROSS)),
    ])
    const notes = [
      ...(hasPlain(report) ? [] : ['Without plain JavaScript: of an earlier release.']),
      ...warnings(report),
    ]
    for (const note of notes) lines.push([svgText(EDGE + 18, y() + 8, cutTo(note, ACROSS), 'quiet')])
  }
  return lines
}

function drawWork({ label, times }: ComparedWork, y: number, x: (us: number) => number): string[] {
  return [
    svgText(LEFT - 10, y + 11, cutTo(label, FITTING), '', 'end'),
    ...times.flatMap((one, i) => {
      const fastest = fastestTime(one)
      if (!one || !fastest) return []
      const [top, us] = [y + i * BAR, fastest.median]
      const words = `${deviceLetter(i)}, ${label}: ${threeDigits(us)} µs`
      const ratio = speedup(one)
      const shown = `${threeDigits(us)} µs${ratio === undefined ? '' : `, ${timesFaster(ratio)}`}`
      const end = Math.max(x(us), x(one.plain?.median ?? us))
      return [
        svgBar(styleOf(i), LEFT, top + 2, x(us) - LEFT, BAR - 3, words),
        ...(one.plain
          ? [svgBar('plain', x(one.plain.median), top, 2, BAR, `plain JavaScript: ${threeDigits(one.plain.median)} µs`)]
          : []),
        svgText(end + 6, top + 11, shown, 'quiet'),
      ]
    }),
  ]
}

function timesOfWork({ times }: ComparedWork): number[] {
  return times.flatMap((one) => [fastestTime(one), one?.plain].flatMap((time) => (time ? [time.median] : [])))
}

function styleOf(i: number): string {
  return deviceLetter(i).toLowerCase()
}

function microsecondsWords(us: number): string {
  if (us >= 1e6) return `${us / 1e6} s`
  if (us >= 1000) return `${us / 1000} ms`
  return us >= 1 ? `${us} µs` : `${Math.round(us * 1000)} ns`
}
