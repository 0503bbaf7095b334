/**
 * A load generator: connections that are kept open, each with one request under way, the next sent as soon as the answer is
 * there, whatever it was. On bare sockets, for a client that costs more than the server measures itself.
 */

import { connect } from 'node:net'

/** A request, and the digit that its answer must name. */
export interface LoadRequest {
  readonly bytes: Buffer // head and body
  readonly digit: number
}

export interface Load {
  readonly seconds: number
  readonly answered: number // 200
  readonly refused: number // 503 with Retry-After
  readonly other: number // anything else, lost connections too
  readonly wrong: number // 200 with another digit
  readonly times: Float64Array // ms, of those answered with 200, ascending
  readonly refusalTimes: Float64Array // ms, of those refused, ascending
}

/** A request as it goes over the wire. */
export function postRequest(port: number, path: string, type: string, body: Buffer): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/**
 * Keeps `connections` busy for `seconds` with the requests in turn; what is under way at the end is not counted.
 * @param from the address that a connection comes from, by its number
 */
export async function drive(
  port: number,
  requests: readonly LoadRequest[],
  connections: number,
  seconds: number,
  from: (connection: number) => string = () => '127.0.0.1',
): Promise<Load> {
  const times: number[] = []
  const refusalTimes: number[] = []
  const counts = { answered: 0, refused: 0, other: 0, wrong: 0 }
  let [turn, done] = [0, false]

  /** Asks on one connection until the time is over, or it breaks. */
  const visit = (connection: number) =>
    new Promise<void>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from(connection), noDelay: true })
      let request = requests[0]
      let since = 0
      let received = ''
      const ask = () => {
        request = requests[turn++ % requests.length]
        received = ''
        since = performance.now()
        socket.write(request.bytes)
      }
      socket.on('connect', ask)
      socket.setEncoding('latin1').on('data', (part: string) => {
        received += part
        const answer = readAnswer(received)
        if (!answer) return
        if (done) return socket.destroy()
        if (answer.status === 200) {
          counts.answered++
          times.push(performance.now() - since)
          if (answer.digit !== request.digit) counts.wrong++
        } else if (answer.status === 503 && answer.retry) {
          counts.refused++
          refusalTimes.push(performance.now() - since)
        } else counts.other++
        ask()
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!done) counts.other++
        resolve()
      })
      setTimeout(() => socket.destroy(), 1000 * seconds + 100)
    })

  const began = performance.now()
  const visits = Promise.all(Array.from({ length: connections }, (_, k) => visit(k)))
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
  done = true
  const took = (performance.now() - began) / 1000
  const ascending = (list: readonly number[]) => Float64Array.from(list).sort()
  const result = { ...counts, seconds: took, times: ascending(times), refusalTimes: ascending(refusalTimes) }
  await visits
  return result
}

/** An answer, once all of it is there. */
function readAnswer(text: string) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  if (text.length < end + 4 + Number(length)) return undefined
  const digit = text.indexOf('"digit":', end)
  return {
    status: Number(text.slice(9, 12)),
    retry: /\r\nretry-after: [1-9]/i.test(text),
    digit: digit < 0 ? undefined : Number(text[digit + 8]),
  }
}

/** The value that a share, 0..1, of ascending ones do not exceed. */
export function percentile(values: Float64Array, share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN
}
