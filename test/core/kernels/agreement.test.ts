/** The promise of core/kernels.ts: three backends, one answer. */

import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { CASE_MEMORY, disagreement, givenBytes, type Operand, placeCase } from '../../../core/kernels/case.ts'
import { allCases, selfTestCases } from '../../../core/kernels/cases.ts'
import { KERNEL_NAMES, SNAP } from '../../../core/kernels.ts'
import { agree } from '../agreement.ts'
import { allBackends } from '../backends.ts'

const CASES = allCases()
const [typescript, scalar, simd] = allBackends(CASE_MEMORY)

describe('three backends', () => {
  test('give the same bits in every case of the table', () => {
    const { passed, failures } = agree([typescript, scalar, simd])
    expect(failures).toEqual([])
    expect(passed).toBe(CASES.length * 2)
  })

  test('have exactly the kernels of the contract, and every kernel has cases', () => {
    for (const { name, kernels } of [typescript, scalar, simd]) {
      expect(Object.keys(kernels).sort(), name).toEqual([...KERNEL_NAMES].sort())
    }
    for (const cases of [CASES, selfTestCases()]) {
      expect([...new Set(cases.map(({ kernel }) => kernel))].sort()).toEqual([...KERNEL_NAMES].sort())
    }
  })

  test('take the same number of parameters, kernel by kernel', () => {
    for (const kernel of KERNEL_NAMES) {
      expect(scalar.kernels[kernel].length, kernel).toBe(simd.kernels[kernel].length)
      expect(typescript.kernels[kernel].length, kernel).toBe(simd.kernels[kernel].length)
      for (const row of CASES)
        if (row.kernel === kernel) expect(row.args.length, row.title).toBe(simd.kernels[kernel].length)
    }
  })

  test('differ for the comparison when one of them is wrong in the last bit of one value', () => {
    const tested = CASES.find((row) => row.kernel === 'denseForward' && row.title.endsWith('normal'))
    if (!tested) throw new Error('no such case')
    const broken: Backend = {
      ...typescript,
      kernels: {
        ...typescript.kernels,
        denseForward(y, ...rest) {
          typescript.kernels.denseForward(y, ...rest)
          typescript.arena.i32(y, 1)[0] ^= 1
        },
      },
    }
    expect(disagreement(broken, scalar, tested)).toMatch(/denseForward .* output 0 differs at 0/)
  })
})

describe('what the kernels write', () => {
  test('stays inside their outputs: the rest of the memory keeps its bits', () => {
    for (const backend of [typescript, scalar, simd]) {
      const { arena } = backend
      for (const row of CASES.filter(({ benchmark }) => !benchmark)) {
        const mark = arena.mark()
        // what kernels keep for themselves ends where the arena begins
        const floor = arena.i32(arena.allocate(1024), 256)
        const placed = placeCase(backend, row)
        const end = arena.mark()
        const guard = arena.i32(end, 16)
        for (const view of [floor, guard]) view.fill(0x5a5a5a5a)
        const inputs = row.args.flatMap((arg, i) => {
          if (typeof arg === 'number' || (arg.type !== 'given' && (arg.type !== 'f32' || arg.output))) return []
          const now = arena.u8(placed.arguments[i], arg.type === 'given' ? givenBytes(arg).length : arg.length * 4)
          return [{ now, before: now.slice() }]
        })
        placed.call()
        expect(
          [...guard, ...floor].every((word) => word === 0x5a5a5a5a),
          `${backend.name} ${row.title}`,
        ).toBe(true)
        for (const { now, before } of inputs) {
          expect(
            now.every((byte, i) => byte === before[i]),
            `${backend.name} ${row.title}`,
          ).toBe(true)
        }
        arena.release(mark)
      }
    }
  })

  test('is +0 or at least 2^-50 in magnitude, and a sum of weight gradients never subnormal, from values just above 2^-50', () => {
    const sums = ['denseBackwardWeight', 'denseBackwardWeightSparse', 'convBackwardWeight', 'normalizeBackward', 'add']
    sums.push('sumOfSquares', 'adam', 'adadelta') // and sums of squares
    // these store what they compute, whatever it is
    const others = ['exp', 'log', 'sparseIndex']
    let stored = 0
    for (const backend of [typescript, scalar, simd]) {
      for (const row of CASES.filter(({ title }) => title.endsWith('tiny'))) {
        if (others.includes(row.kernel)) continue
        const mark = backend.arena.mark()
        const placed = placeCase(backend, row)
        placed.call()
        const outputs = row.args.filter((arg) => typeof arg !== 'number' && 'output' in arg && arg.output)
        for (const [k, bits] of placed.outputs().entries()) {
          const { type } = outputs[k] as Operand
          if (type !== 'f32') continue
          for (const value of new Float32Array(bits.buffer)) {
            const least = sums.includes(row.kernel) ? 2 ** -126 : SNAP
            const right = Object.is(value, 0) || Math.abs(value) >= least
            if (!right) expect.fail(`${backend.name} ${row.title}: ${value}`)
            if (least === SNAP) stored++
          }
        }
        backend.arena.release(mark)
      }
    }
    expect(stored).toBeGreaterThan(10_000)
  })
})

describe('sparse forms', () => {
  test('give the bits of the dense ones wherever both factors are finite', () => {
    const pairs = [
      ['denseForwardSparse', 'denseForward'],
      ['denseBackwardWeightSparse', 'denseBackwardWeight'],
    ]
    let compared = 0
    for (const backend of [typescript, scalar, simd]) {
      for (const [sparse, dense] of pairs) {
        for (const row of CASES.filter(({ kernel, title }) => kernel === sparse && !title.endsWith('special'))) {
          const mark = backend.arena.mark()
          const placed = placeCase(backend, row)
          const before = placed.outputs().map((bits) => bits.slice())
          placed.call()
          const after = placed.outputs()
          const outputs = row.args.flatMap((arg, i) =>
            typeof arg !== 'number' && arg.type === 'f32' && arg.output ? [placed.arguments[i]] : [],
          )
          for (const [k, at] of outputs.entries()) backend.arena.i32(at, before[k].length).set(before[k])
          const args = placed.arguments.filter((_, i) => {
            const arg = row.args[i]
            return typeof arg === 'number' || arg.type !== 'index'
          })
          ;(backend.kernels[dense as 'denseForward'] as (...values: number[]) => void)(...args)
          const same = placed.outputs().every((bits, k) => bits.every((word, i) => word === after[k][i]))
          expect(same, `${backend.name} ${row.title}`).toBe(true)
          compared++
          backend.arena.release(mark)
        }
      }
    }
    expect(compared).toBeGreaterThan(1000)
  })
})
