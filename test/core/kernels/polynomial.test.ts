/** exp and log against double precision, over their whole range. */

import { describe, expect, test } from 'vitest'
import { allBackends } from '../backends.ts'

const SIZE = 1 << 16
const backends = allBackends(SIZE * 8 + 65_536)

// Every `stride`-th f32 bit pattern between two floats of one sign, in blocks of SIZE.
function* floats(from: number, to: number, stride: number): Generator<Float32Array> {
  const word = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]
  const [a, b] = [word(from), word(to)]
  const [low, high] = a < b ? [a, b] : [b, a]
  const block = new Uint32Array(SIZE)
  for (let bits = low, n = 0; ; bits += stride) {
    if (n === SIZE || bits > high) {
      yield new Float32Array(block.slice(0, n).buffer)
      n = 0
    }
    if (bits > high) return
    block[n++] = bits
  }
}

function worst(
  kernel: 'exp' | 'log',
  inputs: Iterable<Float32Array>,
  error: (given: number, x: number) => number,
): { error: number; tested: number } {
  const { kernels, arena } = backends[2]
  const mark = arena.mark()
  const at = arena.allocate(SIZE * 4)
  const result = { error: 0, tested: 0 }
  for (const block of inputs) {
    arena.f32(at, block.length).set(block)
    kernels[kernel](at, at, block.length)
    const given = arena.f32(at, block.length)
    for (let i = 0; i < block.length; i++) result.error = Math.max(result.error, error(given[i], block[i]))
    result.tested += block.length
  }
  arena.release(mark)
  return result
}

function map(kernel: 'exp' | 'log', ...inputs: number[]): number[][] {
  return backends.map(({ kernels, arena }) => {
    const mark = arena.mark()
    const at = arena.allocate(inputs.length * 4)
    arena.f32(at, inputs.length).set(inputs)
    kernels[kernel](at, at, inputs.length)
    const outputs = [...arena.f32(at, inputs.length)]
    arena.release(mark)
    return outputs
  })
}

describe('exp', () => {
  test('has relative error < 1.2e-7 on [-87.3, 88.72], every 251st float', () => {
    const relative = (given: number, x: number) => Math.abs(given / Math.exp(x) - 1)
    const up = worst('exp', floats(1e-30, 88.72, 251), relative)
    const down = worst('exp', floats(-1e-30, -87.3, 251), relative)
    expect(up.tested + down.tested).toBeGreaterThan(7e6)
    expect(Math.max(up.error, down.error)).toBeLessThan(1.2e-7)
  })

  test('is 0 below -87.3, infinite from 88.73 on, 1 at 0 and at subnormals, NaN at NaN, in every backend', () => {
    for (const outputs of map('exp', -87.31, -1000, -Infinity, 88.73, 1000, Infinity, 0, -0, 1e-40, NaN)) {
      expect(outputs).toEqual([0, 0, 0, Infinity, Infinity, Infinity, 1, 1, 1, NaN])
    }
  })

  test('never decreases between neighbouring floats around where its argument is split', () => {
    for (let n = -120; n <= 120; n++) {
      const edge = Math.fround((n + 0.5) * Math.LN2)
      const [outputs] = map('exp', Math.fround(edge * (1 - 1e-6)), edge, Math.fround(edge * (1 + 1e-6)))
      const ordered = edge < 0 ? outputs.toReversed() : outputs
      expect(ordered[0] <= ordered[1] && ordered[1] <= ordered[2], `at ${edge}`).toBe(true)
    }
  })
})

describe('log', () => {
  test('has error < 1.2e-7 of max(|ln x|, 0.5) on all normal floats, every 251st', () => {
    const { error, tested } = worst('log', floats(1.1754943508222875e-38, 3.4028234e38, 251), (given, x) => {
      const exact = Math.log(x)
      return Math.abs(given - exact) / Math.max(Math.abs(exact), 0.5)
    })
    expect(tested).toBeGreaterThan(8e6)
    expect(error).toBeLessThan(1.2e-7)
  })

  test('is -Infinity at zeros and subnormals, NaN below, infinite at infinity, in every backend', () => {
    for (const outputs of map('log', 0, -0, 1e-40, -1e-40, 1, -1, -Infinity, Infinity, NaN)) {
      expect(outputs).toEqual([-Infinity, -Infinity, -Infinity, -Infinity, 0, NaN, NaN, Infinity, NaN])
    }
  })
})
