/** A process that prints, as JSON, how many ms pngjs takes to decode one of the load's PNGs and do nothing else. */

import { PNG } from 'pngjs'
import { loadDrawings } from '../test/server/http/load-drawings.ts'

const files = loadDrawings().map(({ png }) => png)

/** Wall-clock and processor time: medians of as many calls as fit into the given time. */
function measure(ms: number) {
  const clock: number[] = []
  const processor: number[] = []
  for (const until = performance.now() + ms; performance.now() < until; ) {
    const began = performance.now()
    const used = process.cpuUsage()
    for (const file of files) PNG.sync.read(file)
    const { user, system } = process.cpuUsage(used)
    clock.push((performance.now() - began) / files.length)
    processor.push((user + system) / 1000 / files.length)
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]
  return { clock: median(clock), processor: median(processor) }
}

measure(500) // so that the code is optimised
console.log(JSON.stringify(measure(1000)))
