/** What has gone over a connection, and whether its client is the one that everything waits for. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Node's object for the connection of the system: of an answer it knows how much the system has not yet taken. */
interface Handle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}

/** Bytes received, and bytes of answers that the system has taken in order to send them. */
export function transferred(socket: Socket): number {
  const { bytesWritten = socket.bytesWritten, writeQueueSize = 0 } =
    (socket as Socket & { _handle?: Handle | null })._handle ?? {}
  return socket.bytesRead + bytesWritten - writeQueueSize
}

/** Whether a body is incomplete that this server would read, or an answer is there that the client does not read. */
export function isWaiting({
  socket,
  answers,
}: {
  readonly socket: Socket
  readonly answers: ReadonlyMap<ServerResponse, IncomingMessage>
}): boolean {
  if (socket.writableLength > 0) return true
  for (const incoming of answers.values()) {
    // a body of which so much is there that no more is taken waits for this server
    if (!incoming.complete && incoming.readableLength < incoming.readableHighWaterMark) return true
  }
  return false
}
