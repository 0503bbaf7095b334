/** The open connections and the answers under way on each. One client network gets its share of connections and no more. */

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { networkShares } from './network.ts'

const PER_NETWORK = 8 // connections at once
const REQUESTS = 100 // on one connection

interface Connection {
  readonly network: string
  readonly answers: Set<ServerResponse> // under way
  readonly surplus: boolean // there was no room for it when it was opened
  requests: number // that were received
}

/** The open connections. */
export interface Connections {
  /** Adds a new one. Where its network has too many, one is closed. */
  open(socket: Socket): void
  /** Whether there was no room for a connection when it was opened, and there is none now. */
  crowded(socket: Duplex): boolean
  /** Whether it has a request under way. */
  busy(socket: Duplex): boolean
  /** Adds a request. False where it must not be answered, because the connection closes after the one before. */
  begin(socket: Duplex, outgoing: ServerResponse): boolean
  /** Whether part of an answer was sent, so that nothing else can be written. */
  answering(socket: Duplex): boolean
  /** Closes those without a request under way, and every other as soon as its last answer is finished. */
  closeWhenIdle(): void
}

/**
 * @param quotas false: a network has no limits, but connections are still counted
 * @param room connections there is room for
 */
export function trackConnections(quotas: boolean, room: number): Connections {
  const sockets = new Map<Duplex, Connection>() // in the order in which they were opened
  let closing = false

  return {
    open(socket) {
      const network = networkShares(socket.remoteAddress ?? '')[0].key
      sockets.set(socket, { network, requests: 0, answers: new Set(), surplus: sockets.size >= room })
      socket.once('close', () => sockets.delete(socket))
      if (!quotas) return
      const share = [...sockets].filter(([other, state]) => state.network === network && !other.destroyed)
      if (share.length <= PER_NETWORK) return
      // a connection that only waits for a next request makes room; browsers have several of those
      const idle = share.find(([, { requests, answers }]) => requests > 0 && answers.size === 0)
      const [surplus] = idle ?? [socket]
      surplus.destroy()
    },

    crowded: (socket) => sockets.size > room && sockets.get(socket)?.surplus === true,

    busy: (socket) => (sockets.get(socket)?.answers.size ?? 0) > 0,

    begin(socket, outgoing) {
      const connection = sockets.get(socket)
      if (!connection) return false
      connection.requests++
      if (quotas && connection.requests > REQUESTS) return false
      connection.answers.add(outgoing)
      outgoing.once('close', () => {
        connection.answers.delete(outgoing)
        if (closing && connection.answers.size === 0) (socket as Socket).destroySoon()
      })
      // Node's own maxRequestsPerSocket announces the end but leaves the connection open
      if (closing || (quotas && connection.requests === REQUESTS)) outgoing.shouldKeepAlive = false
      return true
    },

    answering(socket) {
      for (const outgoing of sockets.get(socket)?.answers ?? []) if (outgoing.headersSent) return true
      return false
    },

    closeWhenIdle() {
      closing = true
      for (const [socket, { answers }] of sockets) if (answers.size === 0) socket.destroy()
    },
  }
}
