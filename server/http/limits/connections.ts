/**
 * The open connections, the places that some of them have, and the answers under way on each. One client network gets its share
 * and no more. Where places are short, whoever holds most of them loses its longest silent connection to a newcomer.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { LARGE } from './body.ts'
import { networkShares, type Share, widestNetwork } from './network.ts'
import { isWaiting, transferred } from './transfer.ts'

const PER_NETWORK = 8 // connections at once
const REQUESTS = 100 // on one connection

/** Bytes a second that a client has to send of a body, or to read of an answer, in order not to count as silent. */
const LEAST_RATE = 1000

/** Longest pause of a body, or of reading an answer, that is ordinary, ms. */
const PAUSE = 500

/** Silence for which a body that comes too slowly is waited for, ms. */
const BODY_PATIENCE = 12_000

/** Bytes a second that a large body must bring where another one waits for its place, and the least time over which that is measured, ms. */
const [LEAST_RATE_LARGE, MEASURED] = [25_000, 2000]

/** Silence after which the only connection of a network gives way to a request of a network that has no place, ms. */
const EVEN_PATIENCE = 2000

interface Connection {
  readonly socket: Socket
  readonly shares: readonly Share[] // its quotas; none of a trusted proxy
  readonly peer: string // holds its place while no request is under way: the client network, or this connection of a proxy
  holder: string // who holds its place
  placed: boolean
  readonly answers: Map<ServerResponse, IncomingMessage> // under way
  requests: number // that were received
  since: number // ms, when it was last not silent
  bytes: number // transferred by then
  seen: { readonly at: number; readonly bytes: number } // ms, at the last call of `late`, or when the request began
}

/** The open connections. */
export interface Connections {
  /** Adds a new one, which may take the place of another. Where its network has too many, one is closed. */
  open(socket: Socket): void
  /** Whether it has no place, so that its request is refused. */
  crowded(socket: Socket): boolean
  /** Whether it has a request under way. */
  busy(socket: Socket): boolean
  /**
   * Adds a request of a visitor. Where the connection has no place, it may take that of another.
   * @returns false where it must not be answered, because the connection closes after the one before
   */
  begin(incoming: IncomingMessage, outgoing: ServerResponse, visitor: string): boolean
  /** Whether part of an answer was sent, so that nothing else can be written. */
  answering(socket: Socket): boolean
  /**
   * Those whose body comes too slowly. Call it every few seconds: rates are measured between two calls.
   * @param hurry whether a large body waits for another: then slow ones among these are given up sooner
   */
  late(hurry: boolean): Socket[]
  /** Closes those without a request under way, and every other as soon as its last answer is finished. */
  closeWhenIdle(): void
}

export interface ConnectionsOptions {
  readonly quotas: boolean // false: a network has no limits, but whoever holds most gives way as well
  readonly places: number
  readonly withoutPlace: number // that may be open at once, until they are refused
  readonly isTrusted: (peer: string) => boolean // whether an address is that of a proxy, which stands for many visitors
  readonly now: () => number // monotonic clock, ms
}

export function trackConnections({ quotas, places, withoutPlace, isTrusted, now }: ConnectionsOptions): Connections {
  const connections = new Map<Socket, Connection>() // in the order in which they were opened
  const held = new Map<string, number>() // places, by holder
  let [placed, proxied, closing] = [0, 0, false]

  function count(holder: string, change: 1 | -1): void {
    placed += change
    const places = (held.get(holder) ?? 0) + change
    if (places > 0) held.set(holder, places)
    else held.delete(holder)
  }

  function place(connection: Connection): void {
    connection.placed = true
    count(connection.holder, 1)
  }

  function move(connection: Connection, holder: string): void {
    if (connection.placed) count(connection.holder, -1)
    connection.holder = holder
    if (connection.placed) count(holder, 1)
  }

  function remove(connection: Connection): void {
    if (!connections.delete(connection.socket)) return
    if (connection.placed) count(connection.holder, -1)
  }

  function close(connection: Connection): void {
    remove(connection)
    connection.socket.destroy()
  }

  /** Time since the client was last heard of, ms: 0 where it waits for this server. */
  function silence(connection: Connection): number {
    const time = now()
    if (connection.answers.size === 0) return time - connection.since
    const bytes = transferred(connection.socket)
    const due = (LEAST_RATE * (time - connection.since)) / 1000
    if (!isWaiting(connection) || bytes - connection.bytes >= due) {
      connection.since = time
      connection.bytes = bytes
    }
    return time - connection.since
  }

  /** Whether a large body came too slowly since the last call, to be given up for another. */
  function isSlow(connection: Connection): boolean {
    const { socket, seen } = connection
    const time = now() - seen.at
    if (time < MEASURED) return false
    const bytes = transferred(socket)
    connection.seen = { at: now(), bytes }
    return hasLargeBody(connection) && isWaiting(connection) && bytes - seen.bytes < (LEAST_RATE_LARGE * time) / 1000
  }

  const isIdle = ({ requests, answers }: Connection) => requests > 0 && answers.size === 0

  /**
   * How readily a connection gives way, the first number first; undefined where it stays. Those that wait for a next request are
   * closed without harm. Those that only pause go after the silent ones, and last the streams of events, whose clients read all
   * there is.
   * @param asks whether the newcomer has sent a request
   */
  function readiness(connection: Connection, newcomer: Connection, asks: boolean): readonly number[] | undefined {
    const [theirs, own] = [held.get(connection.holder) ?? 0, (held.get(newcomer.holder) ?? 0) + 1]
    const idle = isIdle(connection) && connection.shares.length > 0
    const quiet = silence(connection)
    if (idle && (asks || theirs > own || connection.holder === newcomer.holder)) return [2, theirs, 1, quiet]
    const even = asks && own === 1 && theirs === 1 && quiet > EVEN_PATIENCE
    const pauses = connection.answers.size > 0 && quiet <= PAUSE
    if (quiet > 0 && (theirs > own || even)) return [pauses ? 1 : 2, theirs, 0, quiet]
    return theirs > own && isStreaming(connection) ? [0, theirs, 0, 0] : undefined
  }

  /** Gives a connection a place where there is one, or where another gives way. */
  function seat(newcomer: Connection, asks: boolean): void {
    if (placed >= places) {
      let best: { readonly connection: Connection; readonly rank: readonly number[] } | undefined
      for (const connection of connections.values()) {
        if (!connection.placed) continue
        const rank = readiness(connection, newcomer, asks)
        if (rank && (!best || isAbove(rank, best.rank))) best = { connection, rank }
      }
      if (!best) return
      close(best.connection)
    }
    place(newcomer)
  }

  // A network's share is used up: one that only waits for a next request makes room; browsers have several of those.
  function enforceShare(newcomer: Connection, { key, scale }: Share): void {
    const shared = [...connections.values()].filter(({ shares }) => shares.some((share) => share.key === key))
    if (shared.length > PER_NETWORK * scale) close(shared.find(isIdle) ?? newcomer)
  }

  // Those without a place give way likewise: the one that is there for longest, of whoever has most.
  function limitSurplus(): void {
    if (connections.size - placed <= withoutPlace) return
    const surplus = [...connections.values()].filter((connection) => !connection.placed)
    const counts = new Map<string, number>()
    for (const { holder } of surplus) counts.set(holder, (counts.get(holder) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const loser = surplus.find(({ holder }) => counts.get(holder) === most)
    if (loser) close(loser)
  }

  return {
    open(socket) {
      const address = socket.remoteAddress ?? ''
      const proxy = isTrusted(address)
      const peer = proxy ? `proxy ${proxied++}` : widestNetwork(address)
      const connection: Connection = {
        socket,
        shares: proxy ? [] : networkShares(address),
        peer,
        holder: peer,
        placed: false,
        answers: new Map(),
        requests: 0,
        since: now(),
        bytes: 0,
        seen: { at: now(), bytes: 0 },
      }
      connections.set(socket, connection)
      socket.once('close', () => remove(connection))
      if (quotas) for (const share of connection.shares) enforceShare(connection, share)
      if (socket.destroyed) return
      seat(connection, false)
      limitSurplus()
    },

    crowded: (socket) => connections.get(socket)?.placed === false,

    busy: (socket) => (connections.get(socket)?.answers.size ?? 0) > 0,

    begin(incoming, outgoing, visitor) {
      const connection = connections.get(incoming.socket)
      if (!connection) return false
      const { socket, peer, shares, answers } = connection
      const limited = quotas && shares.length > 0
      connection.requests++
      if (limited && connection.requests > REQUESTS) return false
      answers.set(outgoing, incoming)
      connection.since = now()
      connection.bytes = transferred(socket)
      connection.seen = { at: connection.since, bytes: connection.bytes }
      if (shares.length === 0) move(connection, widestNetwork(visitor))
      if (!connection.placed) seat(connection, true)
      outgoing.once('close', () => {
        answers.delete(outgoing)
        if (answers.size > 0) return
        connection.since = now()
        if (connections.has(socket)) move(connection, peer)
        if (closing) socket.destroySoon()
      })
      // Node's own maxRequestsPerSocket announces the end but leaves the connection open
      if (closing || (limited && connection.requests === REQUESTS)) outgoing.shouldKeepAlive = false
      return true
    },

    answering(socket) {
      for (const outgoing of connections.get(socket)?.answers.keys() ?? []) if (outgoing.headersSent) return true
      return false
    },

    late: (hurry) =>
      [...connections.values()]
        .filter((connection) => [...connection.answers.values()].some(({ complete }) => !complete))
        .filter((connection) => {
          const slow = isSlow(connection)
          return silence(connection) > BODY_PATIENCE || (hurry && slow)
        })
        .map(({ socket }) => socket),

    closeWhenIdle() {
      closing = true
      for (const [socket, { answers }] of connections) if (answers.size === 0) socket.destroy()
    },
  }
}

// One in chunks may be of any length.
function hasLargeBody({ answers }: Connection): boolean {
  return [...answers.values()].some(({ headers }) => Number(headers['content-length'] ?? Infinity) > LARGE)
}

function isStreaming({ answers }: Connection): boolean {
  return [...answers].some(([outgoing, { complete }]) => complete && outgoing.headersSent)
}

/** Whether numbers come after others, the first that differs deciding. */
function isAbove(numbers: readonly number[], others: readonly number[]): boolean {
  const at = numbers.findIndex((number, k) => number !== others[k])
  return at >= 0 && numbers[at] > others[at]
}
