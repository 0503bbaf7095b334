/** Latency of predictions while the server learns, compared with when it does not, at a fixed rate of requests. */

import { correct, sleep, trainingOf, untilIdle } from './connection.ts'
import { largeDrawing, STROKES, smallDrawing } from './drawings.ts'
import { newFolder, type Subject, startSubject } from './server-under-test.ts'

/** Figures of one interval, ms. */
export interface Latency {
  readonly answers: number
  readonly failed: number
  readonly median: number
  readonly p99: number
  readonly longest: number
  readonly livez: number // the longest
}

export interface LatencyPair {
  readonly idle: Latency
  readonly learning: Latency
  readonly rounds: number // rounds that ended in the interval
}

const CONNECTIONS = 4
const RATE = 50 // predictions per second, of all connections together
const LIVEZ = 20 // ms between two requests of /livez

/**
 * Measures idle and learning intervals in turn, several times, on one server.
 * @param seconds of each interval
 */
export async function compareLatency(runs: number, seconds: number, model = 'cnn'): Promise<LatencyPair[]> {
  const subject = startSubject(newFolder('latency'), { INKLING_MODEL: model })
  await subject.ready
  const owner = subject.owner()
  for (let k = 0; k < 30; k++) {
    const { png, label } = smallDrawing(k)
    const on = subject.connect(`127.0.5.${k}`)
    await correct(on, png, label, model)
    on.close()
  }
  await untilIdle(owner)
  await measure(subject, 2) // so that the code is optimised
  const pairs: LatencyPair[] = []
  for (let run = 0; run < runs; run++) {
    const idle = await measure(subject, seconds)
    const before = (await trainingOf(owner)).rounds[0].round
    let done = false
    const keepBusy = async () => {
      for (; !done; await sleep(100)) await owner.send('POST', '/api/v1/training', { model })
    }
    const busy = keepBusy()
    await sleep(300)
    const learning = await measure(subject, seconds)
    done = true
    await busy
    await owner.send('DELETE', '/api/v1/training')
    for (let k = 0; k < 100 && (await trainingOf(owner)).state !== 'idle'; k++) await sleep(100)
    pairs.push({ idle, learning, rounds: (await trainingOf(owner)).rounds[0].round - before })
  }
  await subject.end('SIGTERM')
  return pairs
}

async function measure(subject: Subject, seconds: number): Promise<Latency> {
  const bodies = Array.from({ length: 20 }, (_, k) => (k % 2 ? STROKES[k % STROKES.length] : largeDrawing(k).png))
  const times: number[] = []
  let [failed, livez, done] = [0, 0, false]
  const interval = (1000 * CONNECTIONS) / RATE // ms between two requests of a connection
  const began = performance.now()

  // measured from when a request was due, so that waiting for the answer before counts
  const visit = async (number: number) => {
    const on = subject.connect(`127.0.6.${number + 1}`)
    for (let k = 0; ; k++) {
      const due = began + (k + number / CONNECTIONS) * interval
      if (due - began > 1000 * seconds) break
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      const from = wait > 0 ? performance.now() : due // a late timer is not the server's delay
      const answer = await on.send('POST', '/api/v1/predict', bodies[(k * CONNECTIONS + number) % bodies.length])
      if (answer.status !== 200) failed++
      times.push(performance.now() - from)
    }
    on.close()
  }
  const look = async () => {
    const on = subject.connect()
    for (; !done; await sleep(LIVEZ)) {
      const from = performance.now()
      if ((await on.send('GET', '/livez')).status !== 200) failed++
      livez = Math.max(livez, performance.now() - from)
    }
    on.close()
  }
  const looking = look()
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => visit(i)))
  done = true
  await looking
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
  return { answers: times.length, failed, median: at(0.5), p99: at(0.99), longest: times[times.length - 1], livez }
}
