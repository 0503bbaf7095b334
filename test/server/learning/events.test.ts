/** Events of learning: how they are kept, numbered and resumed, and their stream over a real connection. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TrainingEvent } from '../../../core/protocol.ts'
import { createEvents, type Events } from '../../../server/learning/events.ts'
import { learningOff } from '../../../server/learning/learning.ts'
import { testApp } from '../http/application.ts'

const PATH = '/api/v1/training/events'
const event = (waiting: number): TrainingEvent => ({ type: 'correction', waiting })

describe('the events', () => {
  it('are taken once each, in order, from where a listener was', () => {
    const events = createEvents(100)
    events.emit(event(1))
    const listener = events.listen()
    events.emit(event(2))
    events.emit(event(3))
    const ids = (taken: ReturnType<typeof listener.take>) => taken.events.map(({ id }) => id)
    expect(ids(listener.take())).toEqual([102, 103])
    expect(ids(listener.take())).toEqual([])
    expect(events.listen(101).take()).toMatchObject({ missed: false, events: [{ id: 102 }, { id: 103 }] })
  })

  it.each([
    ['from before a restart', 3],
    ['of another database', 999_999],
  ])('say that some are missed to a listener with a number %s', (_, after) => {
    const events = createEvents(100)
    events.emit(event(1))
    expect(events.listen(after).take()).toEqual({ missed: true, events: [] })
  })

  it('are kept up to 500; a client that missed more has to start again', () => {
    const events = createEvents(0)
    for (let k = 1; k <= 700; k++) events.emit(event(k))
    expect(events.listen(600).take().events.length).toBe(100)
    expect(events.listen(199).take()).toEqual({ missed: true, events: [] })
  })

  it('end for a listener that takes none of 201', () => {
    const events = createEvents(0)
    const [slow, quick] = [events.listen(), events.listen()]
    for (let k = 1; k <= 201; k++) {
      events.emit(event(k))
      quick.take()
    }
    expect([slow.ended, quick.ended]).toEqual([true, false])
  })

  it('wake a waiting listener immediately, after its patience and at the end', async () => {
    const events = createEvents(0)
    const listener = events.listen()
    setTimeout(() => events.emit(event(1)), 5)
    await listener.wait(60_000)
    expect(listener.take().events.length).toBe(1)
    await listener.wait(5)
    setTimeout(() => events.close(), 5)
    await listener.wait(60_000)
    expect(listener.ended).toBe(true)
  })
})

describe('GET /api/v1/training/events', () => {
  let events: Events
  let app: ReturnType<typeof testApp>
  const readers: ReadableStreamDefaultReader<Uint8Array>[] = []
  const create = (ratePerMinute: number) => {
    events = createEvents(10)
    const learning = learningOff('there is nothing that learns', { shipped: () => undefined, list: () => [] }, events)
    app = testApp({ learning, ratePerMinute })
  }
  beforeEach(() => create(Infinity))
  afterEach(async () => {
    events.close()
    for (const reader of readers.splice(0)) await reader.cancel().catch(() => {})
    vi.useRealTimers()
  })

  /** Opens a stream and reads it up to a pattern. */
  async function listen(query = '', headers: Record<string, string> = {}, address?: string) {
    const response = await app.request(`${PATH}${query}`, { headers }, address)
    if (response.status !== 200) return { response, until: async () => '', close: async () => {} }
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    readers.push(reader)
    let text = ''
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { value, done } = await reader.read()
        if (done) break
        text += new TextDecoder().decode(value)
      }
      return text
    }
    return { response, until, close: () => reader.cancel() }
  }

  it('begins with a number to resume from, and sends each event with its type, number and data', async () => {
    const { response, until } = await listen()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(await until(/id: 10/)).toContain('retry: 2000\nid: 10\n\nevent: ready\ndata: {}\n\n')
    events.emit(event(4))
    expect(await until(/id: 11/)).toContain('event: correction\ndata: {"waiting":4}\nid: 11\n\n')
  })

  it('resumes after Last-Event-ID, or ?after, without a gap', async () => {
    for (let k = 1; k <= 5; k++) events.emit(event(k))
    const [header, query] = [await listen('', { 'last-event-id': '13' }), await listen('?after=13')]
    for (const { until } of [header, query]) {
      const text = await until(/id: 15/)
      expect([...text.matchAll(/"waiting":(\d)/g)].map(([, n]) => n)).toEqual(['4', '5'])
      expect(text).not.toContain('reset')
    }
  })

  it('sends reset first when missed events are gone', async () => {
    events.emit(event(1))
    expect(await (await listen('?after=3')).until(/reset/)).toContain('event: reset\ndata: {}\nid: 11\n\n')
  })

  it('refuses a number that is none', async () => {
    expect((await listen('?after=x')).response.status).toBe(422)
    expect((await listen('', { 'last-event-id': '-1' })).response.status).toBe(422)
  })

  it('sends a comment at the start and every 15 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { until } = await listen()
    await until(/\n:\n\n/)
    await new Promise((resolve) => setImmediate(resolve)) // until it waits
    const second = until(/:\n\n:\n\n/)
    await vi.advanceTimersByTimeAsync(15_000)
    expect((await second).match(/^:$/gm)?.length).toBe(2)
  })

  it('is open to four clients of a network and sixteen in all, and to others once these leave', async () => {
    create(60)
    const open = await Promise.all([1, 2, 3, 4].map(() => listen()))
    const fifth = (await listen()).response
    expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([429, '30'])
    await open[0].close()
    await sleep(20)
    expect((await listen()).response.status).toBe(200)
    for (let k = 0; k < 12; k++) expect((await listen('', {}, `10.0.0.${k}`)).response.status).toBe(200)
    expect((await listen('', {}, '10.0.1.1')).response.status).toBe(503)
  })

  it('answers HEAD without counting it as a client', async () => {
    create(60)
    for (let k = 0; k < 9; k++) expect((await app.request(PATH, { method: 'HEAD' })).status).toBe(200)
    expect((await listen()).response.status).toBe(200)
  })

  it('ends when the server stops', async () => {
    const { until } = await listen()
    await until(/id: 10/)
    events.close()
    expect(await until(/never/)).not.toContain('never')
  })
})
