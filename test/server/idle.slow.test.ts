/** A server that nobody uses: what it costs a battery and a flash memory. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { testUnless } from '../skip.ts'
import { noProc, wakes, written } from './process-usage.ts'
import { startServer } from './running-server.ts'

/** Time over which wakes are counted, s. */
const WATCHED = 10

/** Time after which it is idle at the latest: Node compiles, collects memory and closes connections for a while, s. */
const SETTLING = 90

testUnless(
  noProc,
  'a server that was used and is idle wakes less than once in 2 s, all threads together, and writes nothing',
  async () => {
    const server = await startServer({ INKLING_DATA: '/nonexistent' })
    const response = await fetch(`${server.url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ pixels: Array(784).fill(0.5) }),
    })
    await response.arrayBuffer()
    const rates: number[] = [] // wakes a second
    let bytes = Infinity
    do {
      const [woken, wrote] = [wakes(server.pid), written(server.pid)]
      await sleep(1000 * WATCHED)
      rates.push((wakes(server.pid) - woken) / WATCHED)
      bytes = written(server.pid) - wrote
    } while (rates[rates.length - 1] >= 0.5 && rates.length * WATCHED < SETTLING)
    console.log(`wakes a second, in turns of ${WATCHED} s: ${rates.join(', ')}`)
    expect(rates.at(-1)).toBeLessThan(0.5)
    expect(bytes).toBe(0)
    expect(await server.stop()).toBe(0)
  },
  { timeout: 3000 * SETTLING },
)
