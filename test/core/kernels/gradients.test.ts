/** Backward kernels compared with finite differences of forward kernels. */

import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { CASE_MEMORY, placeCase } from '../../../core/kernels/case.ts'
import { allCases } from '../../../core/kernels/cases.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'
import { difference } from './difference.ts'

const [N, I, O] = [3, 7, 10]
const STEP = 2 ** -6 // central differences of a cross-entropy in f32: truncation and rounding meet near here

// loss(x, w, b) = mean cross-entropy of softmax(x w + b), by forward kernels; its gradients by backward kernels.
function setUp({ kernels, arena }: Backend, sparse: boolean) {
  const random = new Random(7, 1)
  const floats = (length: number) => {
    const at = arena.allocate(length * 4)
    const view = arena.f32(at, length)
    for (let i = 0; i < length; i++) view[i] = random.uniform() * 2 - 1
    return { at, view }
  }
  const [x, w, b] = [floats(N * I), floats(I * O), floats(O)]
  for (let i = 0; i < N * I; i += 3) x.view[i] = 0
  const [y, dy, loss] = [floats(N * O), floats(N * O), floats(N)]
  const [dx, dw, db] = [floats(N * I), floats(I * O), floats(O)]
  const index = arena.allocate(N * (1 + I) * 4)
  const labels = arena.allocate(N)
  arena.u8(labels, N).set([4, 0, 9])

  const forward = () => {
    kernels.sparseIndex(index, x.at, N, I)
    if (sparse) kernels.denseForwardSparse(y.at, x.at, index, w.at, b.at, N, I, O)
    else kernels.denseForward(y.at, x.at, w.at, b.at, N, I, O)
    kernels.softmaxCrossEntropy(loss.at, y.at, y.at, labels, N, O)
    return loss.view.reduce((sum, value) => sum + value, 0) / N
  }
  const backward = (accumulate = false) => {
    forward()
    if (!accumulate) for (const { view } of [dw, db]) view.fill(0)
    kernels.softmaxCrossEntropyBackward(dy.at, y.at, labels, 1 / N, N, O)
    if (sparse) {
      kernels.denseBackwardWeightSparse(dw.at, db.at, x.at, index, dy.at, N, I, O)
      kernels.denseBackwardInputSparse(dx.at, index, dy.at, w.at, N, I, O)
    } else {
      kernels.denseBackwardWeight(dw.at, db.at, x.at, dy.at, N, I, O)
      kernels.denseBackwardInput(dx.at, dy.at, w.at, N, I, O)
    }
  }
  return { forward, backward, x: x.view, w: w.view, b: b.view, dx: dx.view, dw: dw.view, db: db.view }
}

describe.each(allBackends(CASE_MEMORY))('$name kernels', (backend) => {
  test.each([false, true])('differ from finite differences by < 2e-4 (sparse: %s)', (sparse) => {
    const mark = backend.arena.mark()
    const net = setUp(backend, sparse)
    net.backward()
    const { dx, dw, db } = { dx: net.dx.slice(), dw: net.dw.slice(), db: net.db.slice() }
    for (let i = 0; i < net.w.length; i++) {
      expect(Math.abs(dw[i] - difference(net.w, i, STEP, net.forward)), `dw ${i}`).toBeLessThan(2e-4)
    }
    for (let i = 0; i < net.b.length; i++) {
      expect(Math.abs(db[i] - difference(net.b, i, STEP, net.forward)), `db ${i}`).toBeLessThan(2e-4)
    }
    for (let i = 0; i < net.x.length; i++) {
      // the sparse form gives the gradient through a relu: none where the input is zero
      const expected = sparse && net.x[i] === 0 ? 0 : difference(net.x, i, STEP, net.forward)
      expect(Math.abs(dx[i] - expected), `dx ${i}`).toBeLessThan(2e-4)
    }
    backend.arena.release(mark)
  })

  test.each([false, true])('add to the weight gradients (sparse: %s)', (sparse) => {
    const mark = backend.arena.mark()
    const net = setUp(backend, sparse)
    net.backward()
    const once = { dw: net.dw.slice(), db: net.db.slice() }
    net.backward(true)
    for (const [i, value] of net.dw.entries()) expect(Math.abs(value - 2 * once.dw[i])).toBeLessThan(1e-7)
    for (const [i, value] of net.db.entries()) expect(Math.abs(value - 2 * once.db[i])).toBeLessThan(1e-7)
    expect(Math.max(...once.dw.map(Math.abs))).toBeGreaterThan(0.01)
    backend.arena.release(mark)
  })
})

describe('every forward case of the table', () => {
  // A layer is linear in each operand, so a large step is exact except for rounding; the sum is of y weighted by dy.
  test.each([
    'denseForward',
    'denseForwardSparse',
  ] as const)('%s has the gradients its backward kernels give, within 2e-4', (kernel) => {
    let compared = 0
    for (const backend of allBackends(CASE_MEMORY)) {
      const { arena, kernels } = backend
      for (const row of allCases()) {
        if (row.kernel !== kernel || row.benchmark || !/(normal|ink)$/.test(row.title)) continue
        const mark = arena.mark()
        const { arguments: placed, call } = placeCase(backend, row)
        const [N, I, O] = placed.slice(-3)
        const sparse = kernel === 'denseForwardSparse'
        const [y, x] = placed
        const [w, b] = sparse ? placed.slice(3) : placed.slice(2)
        const [dy, dx, dw, db] = [N * O, N * I, I * O, O].map((length) => arena.allocate(length * 4))
        const random = new Random(13, 0)
        const [outputs, weights] = [arena.f32(y, N * O), arena.f32(dy, N * O)]
        for (let i = 0; i < N * O; i++) weights[i] = random.uniform() * 2 - 1
        const measure = () => {
          call()
          return outputs.reduce((sum, value, i) => sum + value * weights[i], 0)
        }
        if (sparse) {
          kernels.denseBackwardInputSparse(dx, placed[2], dy, w, N, I, O)
          kernels.denseBackwardWeightSparse(dw, db, x, placed[2], dy, N, I, O)
        } else {
          kernels.denseBackwardInput(dx, dy, w, N, I, O)
          kernels.denseBackwardWeight(dw, db, x, dy, N, I, O)
        }
        const operands = [
          ['x', x, dx, N * I],
          ['w', w, dw, I * O],
          ['b', b, db, O],
        ] as const
        for (const [name, values, gradients, length] of operands) {
          for (let k = 0; k < Math.min(length, 5); k++) {
            const i = random.below(length)
            // the list of a sparse case is of the x it was made from: an unlisted one has no gradient
            if (name === 'x' && sparse && arena.f32(values, length)[i] === 0) {
              expect(arena.f32(gradients, length)[i], row.title).toBe(0)
              continue
            }
            const expected = difference(arena.f32(values, length), i, 0.25, measure)
            expect(Math.abs(arena.f32(gradients, length)[i] - expected), `${row.title} d${name} ${i}`).toBeLessThan(
              2e-4,
            )
            compared++
          }
        }
        arena.release(mark)
      }
    }
    expect(compared).toBeGreaterThan(5000)
  })

  test('softmaxCrossEntropy has the gradient its backward kernel gives, within 2e-4', () => {
    let compared = 0
    for (const backend of allBackends(CASE_MEMORY)) {
      const { arena, kernels } = backend
      for (const row of allCases()) {
        if (row.kernel !== 'softmaxCrossEntropy' || !row.title.endsWith('normal')) continue
        const mark = arena.mark()
        const { arguments: placed, call } = placeCase(backend, row)
        const [loss, p, x, label, N, C] = placed
        const dx = arena.allocate(N * C * 4)
        call()
        kernels.softmaxCrossEntropyBackward(dx, p, label, 1, N, C)
        const random = new Random(14, 0)
        for (let k = 0; k < 20; k++) {
          const i = random.below(N * C)
          const row0 = Math.floor(i / C)
          const expected = difference(arena.f32(x, N * C), i, 2 ** -6, () => {
            call()
            return arena.f32(loss, N)[row0]
          })
          expect(Math.abs(arena.f32(dx, N * C)[i] - expected), `${row.title} ${i}`).toBeLessThan(2e-4)
          compared++
        }
        arena.release(mark)
      }
    }
    expect(compared).toBeGreaterThan(1000)
  })
})

describe('sgd', () => {
  test('takes the steps of the formula in double precision, within 1e-6', () => {
    for (const { kernels, arena } of allBackends(CASE_MEMORY)) {
      const [w, v, g] = [arena.allocate(16), arena.allocate(16), arena.allocate(16)]
      arena.f32(w, 4).set([1, -2, 0.5, 0])
      arena.f32(g, 4).set([0.25, 0.5, -1, 2])
      const [weights, velocity] = [
        [1, -2, 0.5, 0],
        [0, 0, 0, 0],
      ]
      for (let step = 0; step < 5; step++) {
        kernels.sgd(w, v, g, 0.1, 0.9, 0.01, 4)
        for (let i = 0; i < 4; i++) {
          velocity[i] = 0.9 * velocity[i] + [0.25, 0.5, -1, 2][i] + 0.01 * weights[i]
          weights[i] -= 0.1 * velocity[i]
        }
      }
      for (const [i, value] of arena.f32(w, 4).entries()) expect(Math.abs(value - weights[i])).toBeLessThan(1e-6)
    }
  })
})
