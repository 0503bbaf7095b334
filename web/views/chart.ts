/** A line chart of two curves over the steps of a round, the newer one in front. It is an SVG, which follows theme and zoom. */

import { element } from './element.ts'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 1000 // units, stretched to the width of the figure
const HEIGHT = 300

export type Line = readonly (readonly [x: number, y: number])[]

export interface ChartOptions {
  readonly name: string // of the curve, for screen readers
  readonly format: (value: number) => string
  /** Upper end of the vertical axis, which starts at 0. Default: the next round number above all values. */
  readonly top?: number
}

/** Draws into a figure of index.html. The returned function shows a curve and, behind it, the one before. */
export function createChart(id: string, { name, format, top }: ChartOptions): (now: Line, before: Line) => void {
  const figure = element(id, HTMLElement)
  const latest = part(figure, 'latest')
  const plot = part(figure, 'plot')
  const high = part(figure, 'high')
  const far = part(figure, 'far')
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('role', 'img')
  const [behind, front] = ['before', 'now'].map((className) => {
    const line = document.createElementNS(SVG, 'polyline')
    line.setAttribute('class', className)
    // The chart is stretched; the width of its lines is not.
    line.setAttribute('vector-effect', 'non-scaling-stroke')
    svg.append(line)
    return line
  })
  plot.append(svg)
  return (now, before) => {
    const all = [...now, ...before]
    const right = Math.max(1, ...all.map(([x]) => x))
    const upper = top ?? roundUp(Math.max(0, ...all.map(([, y]) => y)))
    front?.setAttribute('points', polyline(now, right, upper))
    behind?.setAttribute('points', polyline(before, right, upper))
    high.textContent = format(upper)
    far.textContent = all.length > 0 ? `step ${right}` : ''
    const first = now[0]
    const last = now.at(-1)
    latest.textContent = last ? format(last[1]) : '–'
    svg.setAttribute(
      'aria-label',
      first && last
        ? `${name}, from ${format(first[1])} to ${format(last[1])} at step ${last[0]}`
        : `${name}: none yet`,
    )
  }
}

function polyline(line: Line, right: number, upper: number): string {
  const points = line.map(([x, y]) => {
    const down = HEIGHT * (1 - Math.min(y / upper, 1))
    return `${((WIDTH * x) / right).toFixed(1)},${down.toFixed(1)}`
  })
  return (points.length === 1 ? [...points, ...points] : points).join(' ') // one point becomes a line of no length: a dot
}

/** The smallest 1, 2 or 5 times a power of ten that is not below the value. */
function roundUp(value: number): number {
  if (!(value > 0 && value < Infinity)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10)
}

function part(figure: HTMLElement, className: string): HTMLElement {
  const found = figure.querySelector(`.${className}`)
  if (!(found instanceof HTMLElement)) throw new Error(`the figure ${figure.id} has no part ${className}`)
  return found
}
