import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withdraw } from '../../../web/api/corrections.ts'
import { fetchBytes, fetchModels, fetchWeights } from '../../../web/api/models.ts'
import { predict, predictAll } from '../../../web/api/predictions.ts'
import { rollBack } from '../../../web/api/training.ts'

const signal = new AbortController().signal
const body = new Blob(['x'], { type: 'image/png' })

/** Replaces the network: records the requests, and answers with a stream that the test feeds. */
function network() {
  const asked: string[] = []
  const marks: (string | null)[] = [] // X-Requested-With of each
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined
  vi.stubGlobal('fetch', async (path: string, { signal, headers }: RequestInit) => {
    asked.push(path)
    marks.push(new Headers(headers).get('x-requested-with'))
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        feed = controller
        signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
      },
    })
    return new Response(stream)
  })
  return { asked, marks, send: (...bytes: number[]) => feed?.enqueue(Uint8Array.from(bytes)), end: () => feed?.close() }
}

describe('talking to the phone', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  test('a download may take a minute as long as bytes keep coming, and reports how many have arrived', async () => {
    const { send, end } = network()
    const told: number[] = []
    const reply = fetchBytes('x', (received) => told.push(received))
    for (let i = 0; i < 6; i++) {
      await vi.advanceTimersByTimeAsync(9900)
      send(i, i)
    }
    await vi.advanceTimersByTimeAsync(0)
    end()
    expect(await reply).toEqual({ kind: 'ok', value: Uint8Array.of(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5) })
    expect(told).toEqual([2, 4, 6, 8, 10, 12])
  })

  test('a download that stands still for 10 s is given up', async () => {
    const { send } = network()
    const reply = fetchBytes('x')
    await vi.advanceTimersByTimeAsync(0)
    send(1)
    await vi.advanceTimersByTimeAsync(9900)
    const settled = vi.fn()
    void reply.then(settled)
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    expect(await reply).toEqual({ kind: 'unreachable' })
  })

  test('model and samples are in the query only where they are given', async () => {
    const { asked } = network()
    void predict({ revision: 1, body }, signal)
    void predict({ revision: 1, body, model: 'cnn' }, signal)
    void predict({ revision: 1, body, model: 'cnn', samples: 100 }, signal)
    void predictAll(body, signal)
    void fetchWeights('cnn', 'abc', () => {})
    expect(asked).toEqual([
      'api/v1/predict',
      'api/v1/predict?model=cnn',
      'api/v1/predict?model=cnn&samples=100',
      'api/v1/predict?model=all',
      'api/v1/models/cnn/weights?sha256=abc',
    ])
  })

  test('every request but GET says that it is of this page, by a header that other sites cannot send', () => {
    const { asked, marks } = network()
    void predict({ revision: 1, body }, signal)
    void withdraw('an-id', signal, undefined)
    void rollBack('cnn', 1, 'token')
    void fetchModels()
    void fetchBytes('x')
    expect(asked).toHaveLength(5)
    expect(marks).toEqual(['Inkling', 'Inkling', 'Inkling', null, null])
  })

  test('one answer may take 10 s, a hundred samples or all models 60 s', async () => {
    network()
    const replies = [
      predict({ revision: 1, body }, signal),
      predict({ revision: 1, body, samples: 100 }, signal),
      predictAll(body, signal),
    ]
    const settled: number[] = []
    for (const [i, reply] of replies.entries()) void reply.then(() => settled.push(i))
    await vi.advanceTimersByTimeAsync(10_100)
    expect(settled).toEqual([0])
    await vi.advanceTimersByTimeAsync(49_800)
    expect(settled).toEqual([0])
    await vi.advanceTimersByTimeAsync(200)
    expect(settled).toEqual([0, 1, 2])
  })
})
