/** Backward kernels of the layers beside the dense one, against finite differences of their forward kernels. */

import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { ACTIVATIONS } from '../../../core/kernels/activation.ts'
import { CASE_MEMORY, placeCase } from '../../../core/kernels/case.ts'
import { allCases } from '../../../core/kernels/cases.ts'
import { convBackwardScratch } from '../../../core/kernels/contract/convolution.ts'
import type { Kernels } from '../../../core/kernels.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'
import { difference } from './difference.ts'

/** An operand whose gradient is compared: its offset, the offset of its gradient, and the number of values. */
type Operand = readonly [name: string, values: number, gradients: number, length: number]

/** The randomly weighted sum of a forward case's outputs, and the gradients that its backward kernels give. */
interface Setup {
  readonly outputs: readonly [at: number, length: number]
  /** Calls the backward kernels for the gradient dy of the outputs. */
  readonly backward: (dy: number, allocate: (length: number) => number) => Operand[]
  /** Step of the central differences; as large as the layer is linear. */
  readonly step: number
  /** Largest difference between the finite difference and the gradient. */
  readonly bound: number
}

// Compares up to five gradients per operand in every small case of a kernel, on every backend; returns how many.
function compare(
  kernel: keyof Kernels,
  setUp: (backend: Backend, placed: readonly number[]) => Setup,
  fills = /(normal|ink)$/,
): number {
  let compared = 0
  for (const backend of allBackends(CASE_MEMORY)) {
    const { arena } = backend
    for (const row of allCases()) {
      if (row.kernel !== kernel || row.benchmark || !fills.test(row.title)) continue
      const mark = arena.mark()
      const { arguments: placed, call } = placeCase(backend, row)
      const allocate = (length: number) => arena.allocate(length * 4)
      const { outputs, backward, step, bound } = setUp(backend, placed)
      const random = new Random(21, 0)
      const dy = allocate(outputs[1])
      const [results, weights] = [arena.f32(...outputs), arena.f32(dy, outputs[1])]
      for (let i = 0; i < weights.length; i++) weights[i] = random.uniform() * 2 - 1
      const measure = () => {
        call()
        return results.reduce((sum, value, i) => sum + value * weights[i], 0)
      }
      measure()
      for (const [name, values, gradients, length] of backward(dy, allocate)) {
        for (let k = 0; k < Math.min(length, 5); k++) {
          const i = random.below(length)
          const found = difference(arena.f32(values, length), i, step, measure)
          const given = arena.f32(gradients, length)[i]
          expect(Math.abs(given - found), `${backend.name} ${row.title} d${name} ${i}`).toBeLessThan(bound)
          compared++
        }
      }
      arena.release(mark)
    }
  }
  return compared
}

describe('a backward kernel gives the gradients of its forward kernel', () => {
  test('convolution, within 1e-3', () => {
    const compared = compare('convForward', ({ kernels, arena }, [y, x, w, b, , N, H, W, I, O, K]) => ({
      outputs: [y, N * H * W * O],
      step: 0.25,
      bound: 1e-3,
      backward(dy, allocate) {
        const [dx, dw, db] = [N * H * W * I, K * K * I * O, O].map(allocate)
        const backward = arena.allocate(convBackwardScratch(H, W, I, O, K))
        kernels.convBackwardInput(dx, dy, w, backward, N, H, W, I, O, K)
        kernels.convBackwardWeight(dw, db, x, dy, backward, N, H, W, I, O, K)
        return [
          ['x', x, dx, N * H * W * I],
          ['w', w, dw, K * K * I * O],
          ['b', b, db, O],
        ]
      },
    }))
    expect(compared).toBeGreaterThan(3000)
  })

  test('max-pooling, within 1e-3', () => {
    const compared = compare('maxPoolForward', ({ kernels }, [y, which, x, N, H, W, C, S]) => {
      const pooled = N * Math.floor(H / S) * Math.floor(W / S) * C
      return {
        outputs: [y, pooled],
        step: 1e-3, // less than the difference of the two largest values, except for a few in a million
        bound: 1e-3,
        backward(dy, allocate) {
          const dx = allocate(N * H * W * C)
          kernels.maxPoolBackward(dx, dy, which, N, H, W, C, S)
          return [['x', x, dx, N * H * W * C]]
        },
      }
    })
    expect(compared).toBeGreaterThan(300)
  })

  test.each(ACTIVATIONS)('%s, within 3e-4', (name) => {
    const compared = compare(`${name}Forward`, ({ kernels }, [y, x, L]) => ({
      // few enough outputs that their sum keeps its digits
      outputs: [y, Math.min(L, 64)],
      step: 1e-3, // less than any value is away from the kink of a relu
      bound: 3e-4,
      backward(dy, allocate) {
        const length = Math.min(L, 64)
        const dx = allocate(length)
        kernels[`${name}Backward`](dx, dy, y, length)
        return [['x', x, dx, length]]
      },
    }))
    expect(compared).toBeGreaterThan(60)
  })

  test('dropout, within 1e-4', () => {
    const compared = compare('dropout', ({ kernels }, [y, x, threshold, scale, key, stream, row, N, L]) => ({
      outputs: [y, N * L],
      step: 0.25,
      bound: 1e-4,
      backward(dy, allocate) {
        const dx = allocate(N * L)
        kernels.dropout(dx, dy, threshold, scale, key, stream, row, N, L)
        return [['x', x, dx, N * L]]
      },
    }))
    expect(compared).toBeGreaterThan(200)
  })

  test('batch normalisation by given statistics, to scale and offset, within 1e-3', () => {
    const compared = compare('normalizeForward', ({ kernels }, [y, x, mean, variance, gamma, beta, epsilon, N, C]) => ({
      outputs: [y, N * C],
      step: 0.25,
      bound: 1e-3,
      backward(dy, allocate) {
        const [dx, dgamma, dbeta] = [N * C, C, C].map(allocate)
        kernels.normalizeBackward(dx, dgamma, dbeta, dy, x, mean, variance, gamma, epsilon, N, C)
        return [
          ['gamma', gamma, dgamma, C],
          ['beta', beta, dbeta, C],
        ]
      },
    }))
    expect(compared).toBeGreaterThan(500)
  })

  test('batch normalisation by the batch’s own statistics, to its inputs, within 2e-3', () => {
    let compared = 0
    for (const { kernels, arena } of allBackends(CASE_MEMORY)) {
      const [N, C, epsilon] = [12, 6, 0.1]
      const floats = (length: number) => arena.allocate(length * 4)
      const [x, y, dx, dy] = [N * C, N * C, N * C, N * C].map(floats)
      const [mean, variance, gamma, beta, dgamma, dbeta] = Array.from({ length: 6 }, () => floats(C))
      const random = new Random(22, 0)
      for (const [at, length] of [
        [x, N * C],
        [dy, N * C],
        [gamma, C],
        [beta, C],
      ]) {
        const view = arena.f32(at, length)
        for (let i = 0; i < length; i++) view[i] = random.uniform() * 2 - 1
      }
      const [outputs, weights] = [arena.f32(y, N * C), arena.f32(dy, N * C)]
      const measure = () => {
        kernels.batchStatistics(mean, variance, x, N, C)
        kernels.normalizeForward(y, x, mean, variance, gamma, beta, epsilon, N, C)
        return outputs.reduce((sum, value, i) => sum + value * weights[i], 0)
      }
      measure()
      kernels.normalizeBackward(dx, dgamma, dbeta, dy, x, mean, variance, gamma, epsilon, N, C)
      const given = arena.f32(dx, N * C).slice()
      for (let i = 0; i < N * C; i++) {
        const found = difference(arena.f32(x, N * C), i, 2 ** -6, measure)
        expect(Math.abs(given[i] - found), `x ${i}`).toBeLessThan(2e-3)
        compared++
      }
      expect(Math.max(...given.map(Math.abs))).toBeGreaterThan(0.1)
    }
    expect(compared).toBe(216)
  })

  test('the squared error, within 1e-3', () => {
    const compared = compare('squaredError', ({ kernels, arena }, [loss, y, label, low, high, N, C]) => ({
      outputs: [loss, N],
      step: 2 ** -6,
      bound: 1e-3,
      backward(weights, allocate) {
        const dy = allocate(N * C)
        kernels.squaredErrorBackward(dy, y, label, low, high, 1, N, C)
        const gradients = arena.f32(dy, N * C)
        for (let i = 0; i < N * C; i++) gradients[i] *= arena.f32(weights, N)[Math.floor(i / C)]
        return [['y', y, dy, N * C]]
      },
    }))
    expect(compared).toBeGreaterThan(300)
  })
})
