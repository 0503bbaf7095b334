/**
 * The chart of the benchmark: for each model bars on one logarithmic scale, in plain JavaScript, the bit-exact TypeScript twin,
 * WebAssembly and WebAssembly with SIMD, for each machine. The table below it has the same figures, and the kernels.
 */

import { COLUMN_NAMES, COUNTED } from '../../core/benchmark/columns.ts'
import type { BenchmarkColumn } from '../../core/protocol.ts'
import type { Comparison } from '../benchmark/comparison.ts'
import { scaleEnd, scaleOf, shortTime } from '../benchmark/messages.ts'
import { append, element } from './element.ts'
import { row } from './table.ts'

const SHORT: Readonly<Record<BenchmarkColumn, string>> = {
  plain: 'plain JavaScript',
  ts: 'TypeScript twin',
  scalar: 'WebAssembly',
  simd: 'with SIMD',
}

/** The classes of this browser's bars, the phone's, and those of machines whose files were loaded. */
const MACHINES = ['here', 'there', 'third', 'fourth', 'fifth', 'sixth']

type Comparisons = readonly Comparison[]

/** The returned function draws the models, and lists models and kernels in the table; `names` are those of the machines. */
export function createBenchmarkChart(): (names: readonly string[], models: Comparisons, kernels: Comparisons) => void {
  const figure = element('benchmark-chart', HTMLElement)
  const key = element('benchmark-chart-key', HTMLElement)
  const list = element('benchmark-chart-works', HTMLOListElement)
  const caption = element('benchmark-chart-scale', HTMLElement)
  const table = element('benchmark-chart-table', HTMLTableElement)
  element('benchmark-chart-counted', HTMLElement).textContent = COUNTED
  return (names, models, kernels) => {
    figure.hidden = models.length === 0
    if (figure.hidden) return
    key.replaceChildren()
    for (const [i, name] of names.entries()) append(key, 'span', MACHINES[i], name)
    const times = models.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.times))
    const { low, high } = scaleOf(times.filter((time) => time !== undefined))
    const length = (us: number) => Math.log(us / low) / Math.log(high / low)
    const decades = Math.round(Math.log10(high / low))
    list.style.setProperty('--decades', String(decades))
    list.replaceChildren(...models.map((contest) => drawn(contest, length)))
    caption.textContent = `Bars from ${scaleEnd(low)} to ${scaleEnd(high)}, the shorter the faster: each line is ten times as long as the one before it.`
    table.replaceChildren()
    const head = append(append(table, 'thead'), 'tr')
    for (const name of ['Computed by', ...names]) append(head, 'th', '', name).setAttribute('scope', 'col')
    table.append(...[...models, ...kernels].map((contest) => tabled(contest, names.length)))
  }
}

function drawn({ title, lanes }: Comparison, length: (us: number) => number): HTMLElement {
  const item = document.createElement('li')
  append(item, 'h3', '', title)
  for (const { column, times } of lanes) {
    const lane = append(item, 'div', 'lane')
    append(lane, 'span', 'name', SHORT[column])
    const pair = append(lane, 'div', 'pair')
    for (const [i, us] of times.entries()) {
      if (us === undefined) continue
      const bar = append(pair, 'div', `track ${MACHINES[i]} ${column}`)
      bar.style.setProperty('--length', length(us).toFixed(4))
      append(bar, 'i')
      append(bar, 'span', 'value', shortTime(us))
    }
  }
  return item
}

/** The rows of one model or kernel, below its name. */
function tabled({ title, lanes }: Comparison, machines: number): HTMLElement {
  const body = document.createElement('tbody')
  const head = append(append(body, 'tr'), 'th', 'work', title)
  head.setAttribute('scope', 'rowgroup')
  head.setAttribute('colspan', String(1 + machines))
  const shown = (us: number | undefined) => (us === undefined ? '–' : shortTime(us))
  body.append(...lanes.map(({ column, times }) => row([COLUMN_NAMES[column], ...times.map(shown)])))
  return body
}
