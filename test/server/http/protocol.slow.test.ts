/** The running server under many requests of one connection, and under requests with random mistakes. */

import { describe, expect, it } from 'vitest'
import { Random } from '../../../core/random.ts'
import { DRAWING, quietServer } from './quiet-server.ts'
import { answers, dial } from './wire.ts'

const { port, message, post, json, verdict } = quietServer()

describe('the running server', () => {
  it('answers 100 of 150 pipelined requests, then closes within 1 s', async () => {
    const wire = await dial(port())
    wire.socket.write(message('GET /livez').repeat(150))
    expect(await wire.closed(1000)).toBe(true)
    const statuses = answers(wire.received()).map(({ status }) => status)
    expect(statuses).toEqual(Array(100).fill(200))
  })

  it('1,000 mutations of good requests leave it answering, and none gets a 5xx', async () => {
    const seeds = [json(), post(['Content-Type: application/json', 'Transfer-Encoding: chunked'], chunked(DRAWING))]
    const random = new Random(20, 0)
    const below = (bound: number) => random.below(bound)
    const mutate = (text: string) => {
      const bytes = [...Buffer.from(text, 'latin1')]
      for (let k = 1 + below(4); k > 0; k--) {
        const at = below(bytes.length)
        const kind = below(4)
        if (kind === 0) bytes[at] = below(256)
        else if (kind === 1) bytes.splice(at, 1 + below(8))
        else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(below(at + 1), at))
        else bytes.splice(at, 0, [0, 9, 10, 13, 32, 58, 127, 255][below(8)])
      }
      return Buffer.from(bytes)
    }
    const statuses = new Set<number>()
    for (let round = 0; round < 200; round++) {
      const wires = await Promise.all(Array.from({ length: 5 }, () => dial(port())))
      for (const { socket } of wires) socket.end(mutate(seeds[below(2)]))
      await Promise.all(wires.map((wire) => wire.closed(100)))
      for (const wire of wires) {
        for (const { status } of answers(wire.received())) statuses.add(status)
        wire.socket.destroy()
      }
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([])
    expect(statuses.has(200) && statuses.has(400)).toBe(true)
    expect(await verdict(json())).toBe('200')
  })
})

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}
