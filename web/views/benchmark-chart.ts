/**
 * The chart of the benchmark: for each model three pairs of bars on one logarithmic scale, for TypeScript, WebAssembly and
 * WebAssembly with SIMD, in this browser and on the phone. The table below it has the same figures, and the kernels.
 */

import type { Comparison } from '../benchmark/comparison.ts'
import { scaleEnd, scaleOf, shortTime } from '../benchmark/messages.ts'
import { append, element } from './element.ts'
import { backendName } from './format.ts'
import { row } from './table.ts'

const SHORT: Readonly<Record<string, string>> = { ts: 'TypeScript', scalar: 'WebAssembly', simd: 'with SIMD' }

/** The returned function draws the models, and lists models and kernels in the table. */
export function createBenchmarkChart(): (models: readonly Comparison[], kernels: readonly Comparison[]) => void {
  const figure = element('benchmark-chart', HTMLElement)
  const list = element('benchmark-chart-works', HTMLOListElement)
  const caption = element('benchmark-chart-scale', HTMLElement)
  const table = element('benchmark-chart-table', HTMLTableElement)
  return (models, kernels) => {
    figure.hidden = models.length === 0
    if (figure.hidden) return
    const times = models.flatMap(({ lanes }) => lanes.flatMap(({ here, phone }) => [here, phone]))
    const { low, high } = scaleOf(times.filter((time) => time !== undefined))
    const length = (us: number) => Math.log(us / low) / Math.log(high / low)
    const decades = Math.round(Math.log10(high / low))
    list.style.setProperty('--decades', String(decades))
    list.replaceChildren(...models.map((contest) => drawn(contest, length)))
    caption.textContent = `Bars from ${scaleEnd(low)} to ${scaleEnd(high)}, the shorter the faster: each line is ten times as long as the one before it.`
    for (const body of [...table.tBodies]) body.remove()
    table.append(...[...models, ...kernels].map(tabled))
  }
}

function drawn({ title, lanes }: Comparison, length: (us: number) => number): HTMLElement {
  const item = document.createElement('li')
  append(item, 'h3', '', title)
  for (const { backend: name, here, phone } of lanes) {
    const lane = append(item, 'div', 'lane')
    append(lane, 'span', 'name', SHORT[name] ?? name)
    const pair = append(lane, 'div', 'pair')
    for (const [machine, us] of [
      ['here', here],
      ['there', phone],
    ] as const) {
      if (us === undefined) continue
      const bar = append(pair, 'div', `track ${machine} ${name}`)
      bar.style.setProperty('--length', length(us).toFixed(4))
      append(bar, 'i')
      append(bar, 'span', 'value', shortTime(us))
    }
  }
  return item
}

/** The rows of one model or kernel, below its name. */
function tabled({ title, lanes }: Comparison): HTMLElement {
  const body = document.createElement('tbody')
  const head = append(append(body, 'tr'), 'th', 'work', title)
  head.setAttribute('scope', 'rowgroup')
  head.setAttribute('colspan', '3')
  const times = (us: number | undefined) => (us === undefined ? '–' : shortTime(us))
  body.append(...lanes.map(({ backend: name, here, phone }) => row([backendName(name), times(here), times(phone)])))
  return body
}
