/** The dense layer in plain JavaScript: lists of the inputs that are not zero, eight of them a pass, sums in double. */

import type { Kernels } from '../../kernels.ts'
import { createScratch, PASS } from './scratch.ts'

type Dense = Pick<
  Kernels,
  | 'denseForward'
  | 'denseForwardSparse'
  | 'denseBackwardInput'
  | 'denseBackwardInputSparse'
  | 'denseBackwardWeight'
  | 'denseBackwardWeightSparse'
>

export function plainDense(memory: ArrayBuffer): Dense {
  const f = new Float32Array(memory)
  const [sums, listed, gradients, places] = [createScratch(), createScratch(), createScratch(), createScratch()]

  // acc[0..O) += the sum of values[k] f[offsets[k]..]
  function addWeights(acc: Float64Array, values: Float64Array, offsets: Int32Array, length: number, O: number): void {
    for (let k = 0; k < length; k += PASS) {
      const v0 = values[k]
      const v1 = values[k + 1]
      const v2 = values[k + 2]
      const v3 = values[k + 3]
      const v4 = values[k + 4]
      const v5 = values[k + 5]
      const v6 = values[k + 6]
      const v7 = values[k + 7]
      const p0 = offsets[k]
      const p1 = offsets[k + 1]
      const p2 = offsets[k + 2]
      const p3 = offsets[k + 3]
      const p4 = offsets[k + 4]
      const p5 = offsets[k + 5]
      const p6 = offsets[k + 6]
      const p7 = offsets[k + 7]
      for (let o = 0; o < O; o++) {
        const a = v0 * f[p0 + o] + v1 * f[p1 + o] + (v2 * f[p2 + o] + v3 * f[p3 + o])
        const b = v4 * f[p4 + o] + v5 * f[p5 + o] + (v6 * f[p6 + o] + v7 * f[p7 + o])
        acc[o] = acc[o] + a + b
      }
    }
  }

  // f[to..to+O) += the sum of values[k] rows[offsets[k]..], by eights, by twos, and what is left
  function addGradients(
    to: number,
    rows: Float64Array,
    values: Float64Array,
    offsets: Int32Array,
    length: number,
    O: number,
  ): void {
    let k = 0
    for (; k + 7 < length; k += PASS) {
      const v0 = values[k]
      const v1 = values[k + 1]
      const v2 = values[k + 2]
      const v3 = values[k + 3]
      const v4 = values[k + 4]
      const v5 = values[k + 5]
      const v6 = values[k + 6]
      const v7 = values[k + 7]
      const p0 = offsets[k]
      const p1 = offsets[k + 1]
      const p2 = offsets[k + 2]
      const p3 = offsets[k + 3]
      const p4 = offsets[k + 4]
      const p5 = offsets[k + 5]
      const p6 = offsets[k + 6]
      const p7 = offsets[k + 7]
      for (let o = 0; o < O; o++) {
        const a = v0 * rows[p0 + o] + v1 * rows[p1 + o] + (v2 * rows[p2 + o] + v3 * rows[p3 + o])
        const b = v4 * rows[p4 + o] + v5 * rows[p5 + o] + (v6 * rows[p6 + o] + v7 * rows[p7 + o])
        f[to + o] = f[to + o] + a + b
      }
    }
    for (; k + 3 < length; k += 4) {
      const v0 = values[k]
      const v1 = values[k + 1]
      const v2 = values[k + 2]
      const v3 = values[k + 3]
      const p0 = offsets[k]
      const p1 = offsets[k + 1]
      const p2 = offsets[k + 2]
      const p3 = offsets[k + 3]
      for (let o = 0; o < O; o++) {
        f[to + o] += v0 * rows[p0 + o] + v1 * rows[p1 + o] + (v2 * rows[p2 + o] + v3 * rows[p3 + o])
      }
    }
    if (k + 1 < length) {
      const v0 = values[k]
      const v1 = values[k + 1]
      const p0 = offsets[k]
      const p1 = offsets[k + 1]
      for (let o = 0; o < O; o++) f[to + o] += v0 * rows[p0 + o] + v1 * rows[p1 + o]
      k += 2
    }
    if (k < length) {
      const [v, p] = [values[k], offsets[k]]
      for (let o = 0; o < O; o++) f[to + o] += v * rows[p + o]
    }
  }

  // One row: four inputs share each gradient.
  function addOuter(dw: number, x: number, rows: Float64Array, I: number, O: number): void {
    const values = listed.doubles(I)
    const offsets = listed.integers(I)
    let length = 0
    for (let i = 0; i < I; i++) {
      const v = f[x + i]
      if (v === 0) continue
      values[length] = v
      offsets[length++] = dw + i * O
    }
    let k = 0
    for (; k + 3 < length; k += 4) {
      const v0 = values[k]
      const v1 = values[k + 1]
      const v2 = values[k + 2]
      const v3 = values[k + 3]
      const t0 = offsets[k]
      const t1 = offsets[k + 1]
      const t2 = offsets[k + 2]
      const t3 = offsets[k + 3]
      for (let o = 0; o < O; o++) {
        const g = rows[o]
        f[t0 + o] += v0 * g
        f[t1 + o] += v1 * g
        f[t2 + o] += v2 * g
        f[t3 + o] += v3 * g
      }
    }
    for (; k < length; k++) {
      const [v, to] = [values[k], offsets[k]]
      for (let o = 0; o < O; o++) f[to + o] += v * rows[o]
    }
  }

  function denseForward(y: number, x: number, w: number, b: number, N: number, I: number, O: number): void {
    const acc = sums.doubles(O)
    const values = listed.doubles(I + PASS)
    const offsets = listed.integers(I + PASS)
    const [weights, biases] = [w >> 2, b >> 2]
    for (let n = 0; n < N; n++) {
      const [inputs, row] = [(x >> 2) + n * I, (y >> 2) + n * O]
      let length = 0
      for (let i = 0; i < I; i++) {
        const v = f[inputs + i]
        if (v === 0) continue
        values[length] = v
        offsets[length++] = weights + i * O
      }
      for (; length % PASS > 0; length++) {
        values[length] = 0
        offsets[length] = weights
      }
      for (let o = 0; o < O; o++) acc[o] = f[biases + o]
      addWeights(acc, values, offsets, length, O)
      for (let o = 0; o < O; o++) f[row + o] = acc[o]
    }
  }

  // Of one row at the inputs of `offsets`: four inputs share each gradient.
  function inputGradients(
    to: number,
    from: number,
    weights: number,
    inputs: Int32Array,
    count: number,
    O: number,
  ): void {
    let k = 0
    for (; k + 3 < count; k += 4) {
      const p0 = weights + inputs[k] * O
      const p1 = weights + inputs[k + 1] * O
      const p2 = weights + inputs[k + 2] * O
      const p3 = weights + inputs[k + 3] * O
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      for (let o = 0; o < O; o++) {
        const g = f[from + o]
        s0 += g * f[p0 + o]
        s1 += g * f[p1 + o]
        s2 += g * f[p2 + o]
        s3 += g * f[p3 + o]
      }
      f[to + inputs[k]] = s0
      f[to + inputs[k + 1]] = s1
      f[to + inputs[k + 2]] = s2
      f[to + inputs[k + 3]] = s3
    }
    for (; k < count; k++) {
      const p = weights + inputs[k] * O
      let sum = 0
      for (let o = 0; o < O; o++) sum += f[from + o] * f[p + o]
      f[to + inputs[k]] = sum
    }
  }

  function denseBackwardWeight(dw: number, db: number, x: number, dy: number, N: number, I: number, O: number): void {
    const [inputs, weights, biases, from] = [x >> 2, dw >> 2, db >> 2, dy >> 2]
    const rows = gradients.doubles(N * O)
    for (let i = 0; i < N * O; i++) rows[i] = f[from + i]
    for (let n = 0; n < N; n++) for (let o = 0; o < O; o++) f[biases + o] += rows[n * O + o]
    if (N === 1) {
      addOuter(weights, inputs, rows, I, O)
      return
    }
    const values = listed.doubles(N)
    const offsets = listed.integers(N)
    for (let i = 0; i < I; i++) {
      let length = 0
      for (let n = 0; n < N; n++) {
        const v = f[inputs + n * I + i]
        if (v === 0) continue
        values[length] = v
        offsets[length++] = n * O
      }
      addGradients(weights + i * O, rows, values, offsets, length, O)
    }
  }

  return {
    denseForward,
    denseForwardSparse: (y, x, _index, w, b, N, I, O) => denseForward(y, x, w, b, N, I, O),
    denseBackwardInput(dx, dy, w, N, I, O) {
      const all = places.integers(I)
      for (let i = 0; i < I; i++) all[i] = i
      for (let n = 0; n < N; n++) inputGradients((dx >> 2) + n * I, (dy >> 2) + n * O, w >> 2, all, I, O)
    },
    denseBackwardInputSparse(dx, index, dy, w, N, I, O) {
      const integers = new Int32Array(memory)
      f.fill(0, dx >> 2, (dx >> 2) + N * I)
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const inputs = integers.subarray(list + 1, list + 1 + integers[list])
        inputGradients((dx >> 2) + n * I, (dy >> 2) + n * O, w >> 2, inputs, inputs.length, O)
      }
    },
    denseBackwardWeight,
    denseBackwardWeightSparse: (dw, db, x, _index, dy, N, I, O) => denseBackwardWeight(dw, db, x, dy, N, I, O),
  }
}
