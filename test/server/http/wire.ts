/** HTTP as bytes on a socket: for requests that no client library would send. */

import { connect, type Socket } from 'node:net'

/** For what takes some ms where the machine has nothing else to do, ms. */
const PATIENCE = 60_000

export interface Wire {
  readonly socket: Socket
  /** Everything received so far, as Latin-1 text. */
  received(): string
  /** Resolves true when the other side closes, false after `ms`, or PATIENCE. */
  closed(ms?: number): Promise<boolean>
  /** Resolves when something matching has been received; rejects when the connection ends or `ms`, or PATIENCE, pass without. */
  until(pattern: RegExp, ms?: number): Promise<string>
}

/** A connection to a port of this machine, from `from` where that matters (127.0.0.1 unless named). */
export async function dial(port: number, from?: string): Promise<Wire> {
  const socket = connect({ port, host: '127.0.0.1', ...(from && { localAddress: from }) })
  let text = ''
  let ended = false
  const watchers = new Set<() => void>()
  const notify = () => {
    for (const watch of watchers) watch()
  }
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
    notify()
  })
  const end = () => {
    ended = true
    notify()
  }
  socket.on('end', end).on('close', end).on('error', end)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))

  const wait = <Value>(ms: number, look: () => Value | undefined, late: Value | Error): Promise<Value> =>
    new Promise((resolve, reject) => {
      const settle = (value: Value | Error) => {
        watchers.delete(watch)
        clearTimeout(timer)
        if (value instanceof Error) reject(value)
        else resolve(value)
      }
      const watch = () => {
        const value = look()
        if (value !== undefined) settle(value)
        else if (ended) settle(late)
      }
      const timer = setTimeout(() => settle(late), ms)
      watchers.add(watch)
      watch()
    })
  return {
    socket,
    received: () => text,
    closed: (ms = PATIENCE) => wait<boolean>(ms, () => ended || undefined, false),
    until: (pattern, ms = PATIENCE) =>
      wait<string>(ms, () => pattern.exec(text)?.[0], new Error(`no ${pattern} in: ${text.slice(0, 300)}`)),
  }
}

export interface Answer {
  readonly status: number
  readonly head: string // status line and header fields
  readonly body: string
  /** `status code` of a problem, `status` of anything else. */
  readonly verdict: string
}

/** The answers in what was received, one after the other; only those with a Content-Length or without a body. */
export function answers(text: string): Answer[] {
  const found: Answer[] = []
  let rest = text
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(rest)?.[1])
    if (end === -1 || !status) return found
    const head = rest.slice(0, end)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    const body = rest.slice(end + 4, end + 4 + length)
    const problem = head.includes('application/problem+json')
    found.push({ status, head, body, verdict: problem ? `${status} ${JSON.parse(body).code}` : String(status) })
    rest = rest.slice(end + 4 + length)
  }
}

/** Sends bytes and gives the first final answer; the connection stays open until that is there. */
export async function send(port: number, request: string | Uint8Array, ms = PATIENCE): Promise<Answer> {
  const { socket, received, until } = await dial(port)
  socket.write(request)
  try {
    await until(/^HTTP\/1\.1 (?!1)[\s\S]*?\r\n\r\n/m, ms)
    const final = () =>
      answers(received()).find(({ status, head, body }) => {
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
        return status >= 200 && body.length === length
      })
    for (let waited = 0; !final() && waited < ms; waited += 5) await new Promise((resolve) => setTimeout(resolve, 5))
    const answer = final()
    if (!answer) throw new Error(`incomplete answer: ${received().slice(0, 300)}`)
    return answer
  } finally {
    socket.destroy()
  }
}
