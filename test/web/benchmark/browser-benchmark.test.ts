import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import type { BenchmarkResponse } from '../../../core/protocol.ts'
import type { Reply } from '../../../web/api/request.ts'
import { BrowserBenchmark, type BrowserBenchmarkParts } from '../../../web/benchmark/browser-benchmark.ts'
import { PhoneBenchmark } from '../../../web/benchmark/phone-benchmark.ts'
import { testModel } from '../../server/models/test-model.ts'

const MACHINE = {
  backends: [{ name: 'ts' as const, selfTest: 'passed', create: typescriptBackend }],
  environment: { program: '1.2.3', runtime: 'a test', selfTest: 'passed' },
}

function setUp(changes: Partial<BrowserBenchmarkParts> = {}) {
  const kinds: string[] = []
  let breaths = 0
  const measuring: BrowserBenchmark = new BrowserBenchmark(
    {
      models: async (progress) => {
        progress(10, 20)
        return [testModel()]
      },
      machine: async () => MACHINE,
      yieldToPage: async () => {
        breaths++
        await new Promise((resolve) => setTimeout(resolve, 0))
      },
      ...changes,
    },
    () => {
      if (kinds.at(-1) !== measuring.state.kind) kinds.push(measuring.state.kind)
    },
  )
  return { measuring, kinds, breaths: () => breaths }
}

describe('measuring this browser', () => {
  test('goes from fetching to a report with times above 0, and yields to the page between the slices', async () => {
    const { measuring, kinds, breaths } = setUp()
    await measuring.start()
    expect(kinds).toEqual(['fetching', 'measuring', 'measured'])
    expect(measuring.report?.models.map(({ model }) => model)).toEqual(['softmax'])
    expect(measuring.report?.models[0]?.times.ts?.median).toBeGreaterThan(0)
    expect(measuring.report?.environment.runtime).toBe('a test')
    expect(breaths()).toBeGreaterThan(3)
  })

  test('does nothing on a second start while the first is under way', async () => {
    let fetched = 0
    const { measuring } = setUp({
      models: async () => {
        fetched++
        return [testModel()]
      },
    })
    await Promise.all([measuring.start(), measuring.start()])
    expect(fetched).toBe(1)
  })

  test('stops between two slices, says so, and can start again; the report of the run before stays', async () => {
    const { measuring, kinds } = setUp({ yieldToPage: async () => {} })
    await measuring.start()
    const before = measuring.report
    const stopping = setUp({
      yieldToPage: async () => {
        if (stopping.measuring.state.kind === 'measuring') stopping.measuring.stop()
      },
    })
    await stopping.measuring.start()
    expect(stopping.kinds).toEqual(['fetching', 'measuring', 'stopped'])
    expect(stopping.measuring.report).toBeUndefined()

    const again = measuring.start()
    measuring.stop()
    await again
    expect(measuring.state.kind).toBe('stopped')
    expect(measuring.report).toBe(before)
    await measuring.start()
    expect(kinds.at(-1)).toBe('measured')
  })

  test('gives the reason where the phone does not send its models or this browser has too little memory', async () => {
    const models = () => Promise.reject(new Error('the phone is not answering'))
    const { measuring } = setUp({ models })
    await measuring.start()
    expect(measuring.state).toEqual({ kind: 'failed', reason: 'the phone is not answering' })
    expect(measuring.busy).toBe(false)

    const full = () => {
      throw new RangeError('Array buffer allocation failed')
    }
    const poor = setUp({ machine: async () => ({ ...MACHINE, backends: [{ ...MACHINE.backends[0], create: full }] }) })
    await poor.measuring.start()
    expect(poor.measuring.state).toEqual({ kind: 'failed', reason: 'Array buffer allocation failed' })
  })
})

describe('asking the phone how fast it is', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function asking(replies: Reply<BenchmarkResponse>[]) {
    let asked = 0
    const phone = new PhoneBenchmark(
      async () => replies[Math.min(asked++, replies.length - 1)] ?? expect.fail(),
      () => {},
    )
    return { phone, asked: () => asked }
  }
  const ok = (value: object) => ({ kind: 'ok', value }) as Reply<BenchmarkResponse>
  const MEASURING = ok({ state: 'measuring', done: 1, works: 2, work: 'cnn' })
  const MEASURED = ok({ state: 'measured', report: {} })

  test('repeats the request every 1.5 s until the phone has measured itself, and then stops', async () => {
    const { phone, asked } = asking([MEASURING, MEASURING, MEASURED])
    phone.setWatched(true)
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked()).toBe(3)
    await vi.advanceTimersByTimeAsync(600_000)
    phone.setWatched(false)
    phone.setWatched(true)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked()).toBe(3)
    expect(phone.reply).toBe(MEASURED)
  })

  test('sends no request while the section is closed', async () => {
    const { phone, asked } = asking([MEASURING])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked()).toBe(0)
    phone.setWatched(true)
    await vi.advanceTimersByTimeAsync(0)
    phone.setWatched(false)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked()).toBe(1)
  })

  test('asks a phone that is away less and less often: at most 9 times in the first minute', async () => {
    const { phone, asked } = asking([{ kind: 'unreachable' }])
    phone.setWatched(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked()).toBeGreaterThan(3)
    expect(asked()).toBeLessThanOrEqual(9)
  })
})
