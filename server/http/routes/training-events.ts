/**
 * GET /api/v1/training/events: what happens while the phone learns, as server-sent events. A client that was away for a moment
 * gets what it missed. Where that is too long ago, `event: reset` asks it to fetch the whole state first.
 */

import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { InputError } from '../../../core/errors.ts'
import { answer } from '../answer.ts'
import type { Client, Deps } from '../dependencies.ts'
import { networkShares } from '../limits/network.ts'
import { BusyError } from '../problem.ts'

const STREAMS = 16 // at once, from all networks together
const PER_NETWORK = 4

/** Time without an event after which a comment is sent, ms: shorter than the timeout of sockets. */
const HEARTBEAT = 15_000

/** Time after which a browser should connect again, ms. */
const RETRY = 2000

/** The first four as Hono's streamSSE sets them. The last has nginx pass on each event at once, as other proxies do by themselves. */
const FIELDS = {
  'Transfer-Encoding': 'chunked',
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  Connection: 'keep-alive',
  'X-Accel-Buffering': 'no',
}

export function trainingEventRoutes({ learning, ratePerMinute }: Deps): Hono<{ Bindings: Client }> {
  const { events } = learning
  const open = new Map<string, number>() // by network
  let total = 0

  function admit(network: string): void {
    if (ratePerMinute === Infinity) return
    if ((open.get(network) ?? 0) >= PER_NETWORK) {
      throw new BusyError(429, 'too_many_streams', `one network may listen ${PER_NETWORK} times at once`, 30)
    }
    if (total >= STREAMS) throw new BusyError(503, 'busy', 'more are listening than this server takes on', 30)
  }

  function count(network: string, change: 1 | -1): void {
    total += change
    const streams = (open.get(network) ?? 0) + change
    if (streams > 0) open.set(network, streams)
    else open.delete(network)
  }

  return new Hono<{ Bindings: Client }>().get('/api/v1/training/events', (c) => {
    const [{ key: network }] = networkShares(c.env.address)
    // the header of a browser that connects again counts more than the address it had first
    const after = readNumber(c.req.header('last-event-id') ?? c.req.query('after'))
    // an answer to HEAD has no body
    if (c.req.method === 'HEAD') return answer(null, { 'Content-Type': 'text/event-stream' })
    admit(network)
    count(network, 1)
    const listener = events.listen(after)
    const { body } = streamSSE(c, async (stream) => {
      stream.onAbort(() => listener.close())
      try {
        // the number to connect again with, where nothing has happened yet, and an event that shows that the stream passes
        await stream.write(`retry: ${RETRY}\nid: ${after ?? events.last()}\n\nevent: ready\ndata: {}\n\n`)
        while (!listener.ended && !stream.aborted) {
          const { missed, events: fresh } = listener.take()
          if (missed) await stream.writeSSE({ event: 'reset', data: '{}', id: String(events.last()) })
          for (const { id, event } of fresh) {
            const { type, ...data } = event
            await stream.writeSSE({ event: type, data: JSON.stringify(data), id: String(id) })
          }
          if (fresh.length === 0 && !missed) await stream.write(':\n\n')
          await listener.wait(HEARTBEAT)
        }
      } finally {
        listener.close()
        count(network, -1)
      }
    })
    return answer(body, FIELDS)
  })
}

function readNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new InputError(422, 'bad_event_id', 'the number of an event is a whole number')
}
