/** The dense kernels against double precision. */

import { expect, test } from 'vitest'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

test('a dense layer of 784 inputs has error < 785 * 2^-24 of the sum of magnitudes, in all its six kernels', () => {
  const [N, I, O] = [3, 784, 10]
  for (const { kernels, arena, name } of allBackends(1 << 20)) {
    const random = new Random(9, 0)
    const filled = (length: number, zeros = 0) => {
      const at = arena.allocate(length * 4)
      const view = arena.f32(at, length)
      for (let i = 0; i < length; i++) view[i] = random.uniform() < zeros ? 0 : 2 * random.uniform() - 1
      return { at, view }
    }
    const [x, w, b, dy] = [filled(N * I, 0.8), filled(I * O), filled(O), filled(N * O)]
    const [y, dx, dw, db] = [filled(N * O), filled(N * I), filled(I * O), filled(O)]
    const index = arena.allocate(N * (I + 1) * 4)
    kernels.sparseIndex(index, x.at, N, I)

    // |given - sum| within the bound, for the terms of one sum
    const check = (what: string, given: number, terms: number[]) => {
      const sum = terms.reduce((total, term) => total + term, 0)
      const magnitude = terms.reduce((total, term) => total + Math.abs(term), 0)
      expect(Math.abs(given - sum), `${name} ${what}`).toBeLessThanOrEqual((I + 1) * 2 ** -24 * magnitude)
    }
    const columns = Array.from({ length: I }, (_, i) => i)
    const outputs = Array.from({ length: O }, (_, o) => o)
    const rows = Array.from({ length: N }, (_, n) => n)

    for (const sparse of [false, true]) {
      if (sparse) kernels.denseForwardSparse(y.at, x.at, index, w.at, b.at, N, I, O)
      else kernels.denseForward(y.at, x.at, w.at, b.at, N, I, O)
      for (const n of rows) {
        for (const o of outputs) {
          const terms = columns.map((i) => x.view[n * I + i] * w.view[i * O + o])
          check('forward', y.view[n * O + o], [b.view[o], ...terms])
        }
      }
      if (sparse) kernels.denseBackwardInputSparse(dx.at, index, dy.at, w.at, N, I, O)
      else kernels.denseBackwardInput(dx.at, dy.at, w.at, N, I, O)
      for (const n of rows) {
        for (const i of columns) {
          const terms = outputs.map((o) => dy.view[n * O + o] * w.view[i * O + o])
          if (!sparse || x.view[n * I + i] !== 0) check('input gradient', dx.view[n * I + i], terms)
          else expect(dx.view[n * I + i]).toBe(0)
        }
      }
      const before = { dw: dw.view.slice(), db: db.view.slice() }
      if (sparse) kernels.denseBackwardWeightSparse(dw.at, db.at, x.at, index, dy.at, N, I, O)
      else kernels.denseBackwardWeight(dw.at, db.at, x.at, dy.at, N, I, O)
      for (const o of outputs) {
        check('bias gradient', db.view[o], [before.db[o], ...rows.map((n) => dy.view[n * O + o])])
        for (const i of columns) {
          const terms = rows.map((n) => x.view[n * I + i] * dy.view[n * O + o])
          check('weight gradient', dw.view[i * O + o], [before.dw[i * O + o], ...terms])
        }
      }
    }
  }
})
