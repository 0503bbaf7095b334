/** The benchmark itself, in short, on all three backends, in plain JavaScript, and with real models. */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { measurableBackends } from '../../../core/benchmark/backends.ts'
import { BATCHES } from '../../../core/benchmark/batches.ts'
import { benchmark } from '../../../core/benchmark/benchmark.ts'
import { drawnDigits } from '../../../core/benchmark/digits.ts'
import { kernelTasks } from '../../../core/benchmark/kernels.ts'
import { isSelected, selectableNames } from '../../../core/benchmark/selection.ts'
import { allCases } from '../../../core/kernels/cases.ts'
import { KERNEL_NAMES } from '../../../core/kernels.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import type { BenchmarkProgress } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeKernels } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { allFactories } from '../backends.ts'

const models = ['softmax', 'mlp-5'].map((id) => loadModel(join(SHIPPED_MODELS, id)))
const { backends, selfTest } = await measurableBackends(nodeKernels())
const environment = { program: 'test', runtime: 'test', kernels: 'test', selfTest }

function run(only: readonly string[], chosen = backends) {
  const clock = () => performance.now()
  const steps = benchmark({ backends: chosen, models, environment, clock, quick: true, only })
  const heard: BenchmarkProgress[] = []
  for (;;) {
    const { done, value } = steps.next()
    if (done) return { report: value, heard }
    heard.push(value)
  }
}

describe('a benchmark', () => {
  test('of a kernel and a model has a time for each of the three backends and plain JavaScript, and the kernel’s share of the peak', () => {
    const shapes = allCases().filter(({ kernel, benchmark }) => benchmark && kernel === 'denseForwardSparse')
    const { report } = run(['denseForwardSparse', 'mlp-5'])
    expect(report.backends).toEqual(['simd', 'scalar', 'ts', 'plain'])
    expect(report.kernels.map(({ kernel }) => kernel)).toEqual(shapes.map(() => 'denseForwardSparse'))
    expect(report.models.map(({ model }) => model)).toEqual(['mlp-5'])
    expect(report.models[0].multiplyAdds).toBe(784 * 5 + 5 * 11)
    for (const { times } of [...report.kernels, ...report.models]) {
      expect(Object.keys(times)).toEqual(['plain', 'ts', 'scalar', 'simd'])
      for (const { median, p99, fastest, samples } of Object.values(times)) {
        expect(fastest).toBeGreaterThan(0)
        expect(median).toBeGreaterThanOrEqual(fastest)
        expect(p99).toBeGreaterThanOrEqual(median)
        expect(samples).toBeGreaterThan(0)
      }
    }
    for (const { share, gflops = 0, work, times } of report.kernels) {
      expect(share).toBeGreaterThan(0)
      expect(gflops).toBeCloseTo((2 * work) / (times.simd?.median ?? 0) / 1000, 9)
      expect(share).toBeCloseTo(gflops / (report.peak.simd ?? 0), 9)
    }
    expect([report.batches, report.training]).toEqual([[], []])
  })

  test('of the peak alone finds SIMD at least 1.5 times as fast as scalar, and that faster than the twin', () => {
    const { report } = run(['peak'])
    const { simd = 0, scalar = 0, ts = 0, plain = 0 } = report.peak
    expect(simd / scalar).toBeGreaterThan(1.5)
    expect(scalar).toBeGreaterThan(ts)
    expect(plain).toBeGreaterThan(0)
    expect(simd).toBeGreaterThan(plain)
    expect(report.drift.checks.length).toBeGreaterThanOrEqual(2)
    expect([report.kernels, report.models]).toEqual([[], []])
  })

  test('of batches goes from one image to 10,000, at most 256 in a pass', () => {
    const { report } = run(['batches'])
    const sizes = report.batches.filter(({ model }) => model === 'softmax').map(({ images }) => images)
    expect(sizes).toEqual(BATCHES.slice(0, sizes.length))
    expect(sizes.length).toBeGreaterThan(3)
    for (const { images, pass, time, perSecond } of report.batches) {
      expect(pass).toBe(Math.min(256, images))
      expect(perSecond).toBeCloseTo(images / (time.median / 1e6), 3)
    }
  })

  test('reports its progress before each task', () => {
    const { heard } = run(['softmax'])
    const [{ works }] = heard
    expect(works).toBe(4 + 1 + 1) // the peak in each column, the kernel, the model
    expect(heard.every((one) => one.works === works && one.done <= works)).toBe(true)
    expect(heard.map(({ done }) => done)).toEqual(heard.map(({ done }) => done).toSorted((a, b) => a - b))
    const titles = [...new Set(heard.map(({ work }) => work))]
    expect(titles.slice(4)).toEqual(expect.arrayContaining(['softmax 100x10 normal', 'softmax, one image']))
  })

  test('runs without WebAssembly', () => {
    const { report } = run(['softmax'], backends.slice(-2))
    expect(report.backends).toEqual(['ts', 'plain'])
    expect(Object.keys(report.models[0].times)).toEqual(['plain', 'ts'])
  })

  test('of training times the same step in plain JavaScript', () => {
    const { report } = run(['training'])
    expect(report.training.map(({ model }) => model)).toContain('softmax')
    for (const { time, plain } of report.training) expect(plain?.median).toBeGreaterThan(time.median)
  })
})

describe('the backends to measure', () => {
  test('are all three here and plain JavaScript, or the chosen one and the last two', async () => {
    expect(selfTest).toBe('passed')
    const chosen = await measurableBackends(nodeKernels(), 'scalar')
    expect(chosen.backends.map(({ name }) => name)).toEqual(['scalar', 'ts', 'plain'])
  })

  test('name a build that is missing in the self-test', async () => {
    const missing = () => Promise.reject(new Error('no such file'))
    const found = await measurableBackends({ ...nodeKernels(), simd: missing })
    expect(found.backends.map(({ name }) => name)).toEqual(['scalar', 'ts', 'plain'])
    expect(found.selfTest).toMatch(/simd: no such file/)
  })
})

describe('what can be chosen', () => {
  test('has every name once', () => {
    const names = selectableNames(['cnn', 'knn'])
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['peak', 'kernels', 'convForward', 'geometric', 'cnn']))
  })

  test('measures every kernel of the contract on at least one shape', () => {
    const measured = new Set(kernelTasks([]).map(({ name }) => name))
    expect([...measured].sort()).toEqual([...KERNEL_NAMES].sort())
  })

  test('a model by its name is one image, not its batches', () => {
    expect(isSelected(['cnn'], 'models', 'cnn')).toBe(true)
    expect(isSelected(['cnn'], 'batches', 'cnn')).toBe(false)
    expect(isSelected(['batches'], 'batches', 'cnn')).toBe(true)
    expect(isSelected(undefined, 'training', 'cnn')).toBe(true)
  })
})

describe('the drawn digits', () => {
  test('are the digits 0 to 9 in turn: a model of 99 % accuracy answers 27 of 30 so', () => {
    const [, , factory] = allFactories()
    const recognizer = new Recognizer(factory, modelsInMemory([loadModel(join(SHIPPED_MODELS, 'cnn'))]))
    const digits = drawnDigits(30)
    const answers = Array.from(
      { length: 30 },
      (_, i) => recognizer.recognize(digits.slice(i * 784, (i + 1) * 784)).digit,
    )
    expect(answers.filter((digit, i) => digit === i % 10).length).toBeGreaterThanOrEqual(27)
  })

  test('are as inky as MNIST’s: 10 to 25 % of the pixels, no two images the same', () => {
    const digits = drawnDigits(100)
    const share = digits.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / digits.length
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.25)
    const images = Array.from({ length: 100 }, (_, i) => digits.subarray(i * 784, (i + 1) * 784).join())
    expect(new Set(images).size).toBe(100)
  })
})
