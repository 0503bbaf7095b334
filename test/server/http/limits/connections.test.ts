/** The places of connections alone, with sockets that hold nothing but what is counted, and a clock that the test sets. */

import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { trackConnections } from '../../../../server/http/limits/connections.ts'

const GUEST = '192.0.2.9'
const PROXY = '10.9.9.9'

class FakeSocket extends EventEmitter {
  destroyed = false
  bytesRead = 0
  bytesWritten = 0
  writableLength = 0
  readonly remoteAddress: string
  constructor(address: string) {
    super()
    this.remoteAddress = address
  }
  destroy() {
    this.destroyed = true
  }
}

/** Connections and what becomes of them. */
function connections(places = 64, quotas = true) {
  const state = { time: 0 }
  const isTrusted = (peer: string) => peer === PROXY
  const tracked = trackConnections({ quotas, places, withoutPlace: 192, isTrusted, now: () => state.time })
  const open = (address: string) => {
    state.time++
    const socket = new FakeSocket(address)
    tracked.open(socket as unknown as Socket)
    return socket
  }
  /** Begins a request whose body is complete, or not; the result ends it. */
  const ask = (socket: FakeSocket, { complete = true, visitor = socket.remoteAddress, length = 1000 } = {}) => {
    const outgoing = Object.assign(new EventEmitter(), { headersSent: false, shouldKeepAlive: true })
    const headers = { 'content-length': String(length) }
    const incoming = { socket, complete, headers, readableLength: 0, readableHighWaterMark: 65_536 }
    tracked.begin(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse, visitor)
    return { outgoing, end: () => outgoing.emit('close') }
  }
  const hasPlace = (socket: FakeSocket) => !socket.destroyed && !tracked.crowded(socket as unknown as Socket)
  const left = (sockets: readonly FakeSocket[]) => sockets.filter((socket) => !socket.destroyed).length
  return { state, tracked, open, ask, hasPlace, left }
}

const times = <Value>(count: number, make: (k: number) => Value) => Array.from({ length: count }, (_, k) => make(k))

describe('shares of connections', () => {
  it('are 8 of an IPv4 address or a /64, and 32 of a /48', () => {
    const { open, left } = connections()
    expect(left(times(20, () => open('10.0.0.1')))).toBe(8)
    expect(left(times(20, (k) => open(`2001:db8:1:1::${k + 1}`)))).toBe(8)
    expect(left(times(64, (k) => open(`2001:db8:2:${k >> 3}::${k + 1}`)))).toBe(32)
  })

  it('are not limited for a trusted proxy, nor are its requests on one connection', () => {
    const { open, ask, left, tracked } = connections()
    const sockets = times(60, () => open(PROXY))
    expect(left(sockets)).toBe(60)
    for (let k = 0; k < 150; k++) {
      const { outgoing, end } = ask(sockets[0], { visitor: GUEST })
      expect(outgoing.shouldKeepAlive).toBe(true)
      end()
    }
    expect(tracked.crowded(sockets[0] as unknown as Socket)).toBe(false)
  })
})

describe('where all places are taken', () => {
  it('the longest silent of whoever holds most gives way, of IPv6 the whole /48', () => {
    const { open, hasPlace } = connections()
    const others = times(7, (k) => times(5, () => open(`10.0.0.${k + 1}`))).flat()
    const many = times(29, (k) => open(`2001:db8:7:${k >> 3}::${k + 1}`))
    const guests = times(24, (k) => open(`192.0.2.${k + 1}`))
    expect(guests.every(hasPlace)).toBe(true)
    expect(others.every(hasPlace)).toBe(true)
    expect(many.map(hasPlace)).toEqual([...Array(24).fill(false), ...Array(5).fill(true)])
  })

  it('a newcomer from whoever holds most gets none and pushes nobody out', () => {
    const { open, hasPlace, left } = connections(8)
    const all = [...times(3, () => open(GUEST)), ...times(5, () => open('10.0.0.1'))]
    const newcomers = times(3, () => open('10.0.0.1'))
    expect([left(all), newcomers.filter(hasPlace).length]).toEqual([8, 0])
  })

  it('those who open again at once, 16 networks of 8, do not push out a guest', () => {
    const { open, hasPlace, state } = connections()
    const attackers = times(128, (k) => ({ address: `10.0.0.${k >> 3}`, socket: open(`10.0.0.${k >> 3}`) }))
    const guest = open(GUEST)
    for (let turn = 0; turn < 100; turn++) {
      state.time += 50
      for (const one of attackers) if (one.socket.destroyed) one.socket = open(one.address)
    }
    expect(hasPlace(guest)).toBe(true)
  })

  it('one that waits for its next request goes first, then the longest silent, one that pauses, never one that is answered now', () => {
    const { open, ask, state, tracked, hasPlace } = connections(6)
    const [silent, slow, unread, idle, quick, working] = times(6, () => open('10.0.0.1'))
    ask(slow, { complete: false })
    state.time++
    ask(unread).outgoing.headersSent = true
    unread.writableLength = 1000
    state.time++
    ask(idle).end()
    ask(quick, { complete: false })
    ask(working)
    for (let turn = 0; turn < 10; turn++) {
      state.time += 100
      slow.bytesRead += 50
      quick.bytesRead += 120
      tracked.late(false)
    }
    const inOrder = [idle, silent, slow, unread, quick].map((next, k) => {
      expect(next.destroyed).toBe(false)
      expect(hasPlace(open(`192.0.2.${k}`))).toBe(true)
      return next.destroyed
    })
    expect(inOrder).toEqual(Array(5).fill(true))
    expect([hasPlace(open('192.0.2.9')), hasPlace(working)]).toEqual([false, true])
  })

  it('streams whose clients read all there is go last', () => {
    const { open, ask, hasPlace } = connections(4)
    const streams = times(4, () => open('10.0.0.1'))
    for (const socket of streams.slice(0, 3)) ask(socket).outgoing.headersSent = true
    const guests = times(3, (k) => open(`192.0.2.${k}`))
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true, false, true])
    expect(guests.every(hasPlace)).toBe(true)
    expect(hasPlace(open('192.0.2.8'))).toBe(false)
  })

  it('a request of a network without a place takes that of one silent for 2 s, though its network has no other', () => {
    const { open, ask, hasPlace, state } = connections()
    const silent = times(64, (k) => open(`10.0.0.${k}`))
    const guest = open(GUEST)
    expect(hasPlace(guest)).toBe(false)
    state.time += 1900
    ask(guest)
    expect(hasPlace(guest)).toBe(false)
    const second = open('192.0.2.10')
    state.time += 100
    ask(second)
    expect([hasPlace(second), silent[0].destroyed, hasPlace(silent[1])]).toEqual([true, true, true])
  })

  it('192 wait without one until they are refused; of more, whoever has most loses the one that is there for longest', () => {
    const { open, left } = connections(1)
    open('192.0.2.1')
    const many = times(190, (k) => open(`10.0.${k >> 3}.1`))
    const guests = times(3, (k) => open(`192.0.3.${k}`))
    expect([left(many), left(guests), many[0].destroyed]).toEqual([189, 3, true])
  })

  it('of a proxy, a visitor with many requests gives way, not the connections that it keeps open', () => {
    const { open, ask, hasPlace, state } = connections(20)
    const kept = times(10, () => open(PROXY))
    for (const socket of kept) ask(socket, { visitor: GUEST }).end()
    const greedy = times(10, () => open(PROXY))
    for (const socket of greedy) ask(socket, { visitor: '203.0.113.1', complete: false })
    state.time += 1000
    const guests = times(8, (k) => open(`192.0.2.${k}`))
    expect(guests.every(hasPlace)).toBe(true)
    expect(kept.every(hasPlace)).toBe(true)
    expect(greedy.filter(hasPlace)).toHaveLength(2)
  })
})

describe('a body', () => {
  it('is late after 12 s with less than 1,000 bytes a second, and not while this server does not read it', () => {
    const { open, ask, state, tracked } = connections()
    const [slow, quick, unreadByServer] = times(3, () => open('10.0.0.1'))
    ask(slow, { complete: false })
    ask(quick, { complete: false })
    tracked.begin(
      {
        socket: unreadByServer,
        complete: false,
        headers: {},
        readableLength: 65_536,
        readableHighWaterMark: 65_536,
      } as unknown as IncomingMessage,
      Object.assign(new EventEmitter(), { headersSent: false }) as unknown as ServerResponse,
      '10.0.0.1',
    )
    for (let second = 1; second <= 12; second++) {
      state.time += 1000
      slow.bytesRead += 990
      quick.bytesRead += 1010
      expect(tracked.late(false)).toEqual([])
    }
    state.time += 1
    expect(tracked.late(false)).toEqual([slow])
  })

  it('of more than 256 kB is late with less than 25,000 bytes a second in 2 s, where another waits for its place', () => {
    const { open, ask, state, tracked } = connections()
    const [slow, quick, small] = times(3, () => open('10.0.0.1'))
    ask(slow, { complete: false, length: 300_000 })
    ask(quick, { complete: false, length: 300_000 })
    ask(small, { complete: false })
    for (const bytes of [30_000, 24_000]) {
      state.time += 2000
      slow.bytesRead += 2 * bytes
      quick.bytesRead += 2 * 25_000
      small.bytesRead += 2 * 1000
      expect(tracked.late(true)).toEqual(bytes < 25_000 ? [slow] : [])
    }
    state.time += 2000
    quick.bytesRead += 2 * 1000
    expect(tracked.late(false)).toEqual([])
  })
})
