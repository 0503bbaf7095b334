import { describe, expect, test } from 'vitest'
import type { BenchmarkReport } from '../../../core/protocol.ts'
import { compareKernels, compareModels } from '../../../web/benchmark/comparison.ts'
import { browserName, systemName } from '../../../web/benchmark/environment.ts'
import { LoadedReports } from '../../../web/benchmark/loaded-reports.ts'
import {
  browserBenchmarkMessage,
  comparisonMessage,
  driftWarning,
  machineSummary,
  measuredShare,
  phoneBenchmarkMessage,
  scaleEnd,
  scaleOf,
  shortTime,
} from '../../../web/benchmark/messages.ts'
import { deviceReport, withoutPlain } from '../../core/benchmark/reports.ts'

type Medians = Partial<Record<'simd' | 'scalar' | 'ts' | 'plain', number>>

/** A report of models, by id, and their medians in µs. */
function report(models: Record<string, Medians>, rest: Partial<BenchmarkReport> = {}): BenchmarkReport {
  const rows = Object.entries(models).map(([model, medians]) => ({
    model,
    name: `The ${model}`,
    type: model === 'knn' ? 'neighbours' : 'network',
    memory: 65_536,
    times: Object.fromEntries(
      Object.entries(medians).map(([name, median]) => [name, { median, p99: median, fastest: median, samples: 1 }]),
    ),
  }))
  const drift = { checks: [], loss: 0, throttled: false }
  return { drift, kernels: [], seconds: 61.4, ...rest, models: rows } as unknown as BenchmarkReport
}

describe('times and scales', () => {
  test.each([
    [0.0333, '33.3 ns'],
    [0.635, '635 ns'],
    [0.99951, '1.00 µs'],
    [6.54, '6.54 µs'],
    [999.6, '1.00 ms'],
    [26_408, '26.4 ms'],
    [1_200_000, '1.20 s'],
    [1_234_000_000, '1230 s'],
  ])('%f µs is %s: three digits in the unit that suits', (us, words) => {
    expect(shortTime(us)).toBe(words)
  })

  test.each([
    [[0.6, 26_000], 0.1, 100_000],
    [[10, 100], 10, 100],
    [[10], 10, 100],
    [[], 1, 10],
    [[0, Number.NaN, 5], 1, 10],
  ])('a scale of %j goes from %f to %f: powers of ten around all, a decade at least', (times, low, high) => {
    const scale = scaleOf(times)
    expect(scale.low).toBeCloseTo(low, 9)
    expect(scale.high).toBeCloseTo(high, 9)
  })

  test.each([
    [0.1, '100 ns'],
    [10 ** -1, '100 ns'],
    [1, '1 µs'],
    [100_000, '100 ms'],
    [1_000_000, '1 s'],
  ])('an end of a scale at %f µs is %s', (us, words) => {
    expect(scaleEnd(us)).toBe(words)
  })
})

describe('two reports side by side', () => {
  const here = report({
    cnn: { plain: 1500, ts: 3000, scalar: 800, simd: 100 },
    softmax: { ts: 5, scalar: 2, simd: 0.5 },
  })
  const phone = report({ cnn: { ts: 90_000, scalar: 20_000 }, knn: { ts: 100_000 } })

  test('have every model of either, the slowest first, and every column of either, plain JavaScript first', () => {
    expect(compareModels([here, phone])).toEqual([
      { id: 'knn 65536', title: 'The knn', lanes: [{ column: 'ts', times: [undefined, 100_000] }] },
      {
        id: 'cnn',
        title: 'The cnn',
        lanes: [
          { column: 'plain', times: [1500, undefined] },
          { column: 'ts', times: [3000, 90_000] },
          { column: 'scalar', times: [800, 20_000] },
          { column: 'simd', times: [100, undefined] },
        ],
      },
      {
        id: 'softmax',
        title: 'The softmax',
        lanes: [
          { column: 'ts', times: [5, undefined] },
          { column: 'scalar', times: [2, undefined] },
          { column: 'simd', times: [0.5, undefined] },
        ],
      },
    ])
    expect(compareModels([undefined, undefined])).toEqual([])
    expect(compareKernels([here, undefined])).toEqual([])
  })

  test('of nearest neighbours with different memory belong to two models: the phone may have more references', () => {
    const more = report({ knn: { ts: 9 } })
    const less = report({ knn: { ts: 1 } })
    const grown = { ...more, models: more.models.map((model) => ({ ...model, memory: 20_000_000 })) }
    expect(compareModels([less, grown]).map(({ lanes }) => lanes)).toEqual([
      [{ column: 'ts', times: [undefined, 9] }],
      [{ column: 'ts', times: [1, undefined] }],
    ])
  })

  test.each([
    ['here', undefined, 'In the median of the models SIMD is 30 times as fast as plain JavaScript in this browser.'],
    [undefined, 'here', 'In the median of the models SIMD is 30 times as fast as plain JavaScript on the phone.'],
    [
      'here',
      'slow',
      'In the median of the models SIMD is 30 times as fast as plain JavaScript in this browser, and 5 times on the phone. The phone takes 24 times as long as this browser.',
    ],
    [
      'slow',
      'here',
      'In the median of the models SIMD is 5 times as fast as plain JavaScript in this browser, and 30 times on the phone. This browser takes 24 times as long as the phone.',
    ],
    [
      'here',
      'here',
      'In the median of the models SIMD is 30 times as fast as plain JavaScript in this browser, and 30 times on the phone. The phone and this browser are equally fast.',
    ],
    [
      'here',
      'without',
      'In the median of the models SIMD is 30 times as fast as plain JavaScript in this browser. The phone takes 25 times as long as this browser.',
    ],
    [
      undefined,
      'without',
      'In the median of the models WebAssembly without SIMD is 2.5 times as fast as plain JavaScript on the phone.',
    ],
    ['old', undefined, ''],
    [
      'old',
      'here',
      'In the median of the models SIMD is 30 times as fast as plain JavaScript on the phone. The phone and this browser are equally fast.',
    ],
    [undefined, undefined, ''],
  ])('are summed up: %s here, %s on the phone', (one, other, words) => {
    const reports: Record<string, BenchmarkReport> = {
      here: report({ cnn: { plain: 3000, ts: 4000, scalar: 800, simd: 100 } }),
      slow: report({ cnn: { plain: 12_000, ts: 20_000, scalar: 9000, simd: 2400 } }),
      without: report({ cnn: { plain: 50_000, ts: 90_000, scalar: 20_000 } }),
      old: report({ cnn: { ts: 3000, scalar: 800, simd: 100 } }),
    }
    expect(comparisonMessage(compareModels([one ? reports[one] : undefined, other ? reports[other] : undefined]))).toBe(
      words,
    )
  })
})

describe('machines whose files were loaded', () => {
  test('are summed up by name, after this browser and the phone', () => {
    const reports = [100, 200, 300].map((plain) => report({ cnn: { plain, simd: 10 } }))
    const models = compareModels([...reports, undefined])
    expect(models[0].lanes.map(({ times }) => times)).toEqual([
      [100, 200, 300, undefined],
      [10, 10, 10, undefined],
    ])
    expect(comparisonMessage(models, ['Kitchen', 'none'])).toBe(
      'In the median of the models SIMD is 10 times as fast as plain JavaScript in this browser, 20 times on the phone, and 30 times on Kitchen. The phone and this browser are equally fast.',
    )
  })

  const file = (name: string, content: object | string, size = 1000) => ({
    name,
    size,
    text: async () => (typeof content === 'string' ? content : JSON.stringify(content)),
  })

  test('are read, each once, four at most; what is no report is said and left out', async () => {
    const loaded = new LoadedReports()
    const one = deviceReport('Kitchen', { cnn: { simd: 5 } })
    await loaded.add([file('a.json', one), file('b.txt', 'hello'), file('c.json', one)])
    expect(loaded.reports).toEqual([{ name: 'Kitchen', report: one }])
    expect(loaded.message).toBe(
      'Added 1 machine. "b.txt" is no report of a benchmark: it begins with "hello" and is no JSON, expected the output of inkling bench --json. The report of Kitchen is shown already.',
    )
    await loaded.add(['B', 'C', 'D', 'E'].map((name) => file(`${name}.json`, deviceReport(name, {}))))
    expect(loaded.reports.map(({ name }) => name)).toEqual(['Kitchen', 'B', 'C', 'D'])
    expect(loaded.message).toBe('Added 3 machines. E is left out: at most 4 files can be compared at a time.')
    loaded.clear()
    expect([loaded.reports, loaded.message]).toEqual([[], 'The files are no longer compared.'])
  })

  test('of old releases are taken; a file that is too large is not read', async () => {
    const loaded = new LoadedReports()
    await loaded.add([file('old.json', withoutPlain(deviceReport('', { cnn: { ts: 9, simd: 5 } })))])
    expect(loaded.reports.map(({ name }) => name)).toEqual(['ARMv7'])
    await loaded.add([{ ...file('big.json', ''), size: 3_000_000, text: () => expect.fail('read') }])
    expect(loaded.message).toBe('"big.json" is no report of a benchmark: it has 2.9 MB, expected at most 2.0 MB.')
    await loaded.add([{ ...file('gone.json', ''), text: () => Promise.reject(new Error('NotFoundError')) }])
    expect(loaded.message).toBe('"gone.json" could not be read; choose it again.')
  })

  test('say in a line what they are: an earlier release has no plain JavaScript, and no peak of the twin', () => {
    const now = deviceReport('Kitchen', {})
    expect(machineSummary(now)).toMatch(
      /^Node 24\.21\.0, ARMv7, 4 cores, arm, multiply-add at most: 8\.00 \(SIMD\), 2\.00 \(scalar\), 1\.00 \(bit-exact TypeScript twin\), 1\.50 \(plain JavaScript\) GFLOP\/s on one core, /,
    )
    expect(machineSummary(withoutPlain(now))).toMatch(
      /at most: 8\.00 \(SIMD\), 2\.00 \(scalar\) GFLOP\/s on one core, measured by a release without plain JavaScript, /,
    )
  })
})

describe('the texts while it is measured', () => {
  test.each([
    [{ kind: 'idle' }, 'This fetches all models from the phone, 10.3 MB, and then takes some seconds.', undefined],
    [{ kind: 'fetching', received: 0, bytes: 0 }, 'Asking the phone for its models …', 0],
    [{ kind: 'fetching', received: 2 ** 20, bytes: 2 ** 22 }, 'Fetching the models: 1.0 MB of 4.0 MB …', 0],
    [
      { kind: 'measuring', progress: { done: 3, works: 12, work: 'cnn, one image' } },
      '4 of 12: cnn, one image …',
      0.25,
    ],
    [{ kind: 'stopped' }, 'Stopped.', undefined],
    [
      { kind: 'failed', reason: 'the phone is not answering' },
      'This browser could not be measured: the phone is not answering.',
      undefined,
    ],
    [{ kind: 'measured' }, 'Measured in 1 min 1 s.', undefined],
  ] as const)('%j: %s', (state, words, share) => {
    expect(browserBenchmarkMessage(state, state.kind === 'measured' ? report({}) : undefined, 10_800_000)).toBe(words)
    expect(measuredShare(state)).toBe(share)
  })

  test.each([
    [undefined, 'Asking the phone how fast it is …'],
    [{ kind: 'unreachable' }, 'The phone is not answering.'],
    [
      { kind: 'refused', status: 404, code: 'not_found', detail: 'there is nothing at this path' },
      'The phone does not say how fast it is: there is nothing at this path.',
    ],
    [{ kind: 'ok', value: { state: 'measuring', done: 0, works: 0, work: '' } }, 'The phone is measuring itself …'],
    [
      { kind: 'ok', value: { state: 'measuring', done: 4, works: 20, work: 'x' } },
      'The phone is measuring itself: 5 of 20 …',
    ],
    [
      { kind: 'ok', value: { state: 'waiting', reason: 'it is learning' } },
      'The phone has not measured itself yet: it is learning.',
    ],
    [{ kind: 'ok', value: { state: 'failed', reason: 'it broke' } }, 'The phone could not measure itself: it broke.'],
    [{ kind: 'ok', value: { state: 'measured', report: report({}) } }, ''],
  ] as const)('of the phone after %j: %s', (reply, words) => {
    expect(phoneBenchmarkMessage(reply)).toBe(words)
  })

  test.each([
    [{}, ''],
    [{ processor: 0.95 }, ''],
    [{ processor: 0.5 }, 'It was busy with other things while it was measured. It can do better.'],
    [
      { drift: { checks: [], loss: 0.234, throttled: true } },
      'It became 23% slower while it was measured: it was warm, or busy. It can do better.',
    ],
  ])('a report with %j warns: %s', (rest, words) => {
    expect(driftWarning('It', report({}, rest))).toBe(words)
  })
})

describe('the name of a browser', () => {
  test.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
      'Chrome 143',
      'Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0',
      'Edge 143',
      'Windows',
    ],
    ['Mozilla/5.0 (Android 13; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0', 'Firefox 128', 'Android'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari 17.5',
      'iOS',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.1 Safari/605.1.15',
      'Safari 16.1',
      'macOS',
    ],
    [
      'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36',
      'Samsung Internet 25',
      'Android',
    ],
    ['curl/8', 'a browser of unknown name', undefined],
  ])('that sends %s is %s', (userAgent, name, system) => {
    expect(browserName(userAgent)).toBe(name)
    expect(systemName(userAgent)).toBe(system)
  })
})
