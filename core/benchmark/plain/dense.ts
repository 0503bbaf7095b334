/**
 * The dense layer in plain JavaScript, sums in double: of one row a list of the inputs that are not zero, many of them a pass; of several
 * rows with few zeros a product in tiles.
 */

import type { Kernels } from '../../kernels.ts'
import { addPanels } from './panel.ts'
import { addRows, PASS } from './pass.ts'
import { plainProduct } from './product.ts'
import { createScratch } from './scratch.ts'

type Dense = Pick<
  Kernels,
  | 'denseForward'
  | 'denseForwardSparse'
  | 'denseBackwardInput'
  | 'denseBackwardInputSparse'
  | 'denseBackwardWeight'
  | 'denseBackwardWeightSparse'
>

/** Rows from which tiles are faster where nothing can be left out, and the share of inputs that are not zero from which they are anyway. */
const TILED_ROWS = 4
const TILED_SHARE = 0.6

/** Outputs from which a list of each input's rows is faster than row after row. */
const LISTED_OUTPUTS = 16

type Shape = readonly [N: number, I: number, O: number]

export function plainDense(memory: ArrayBuffer): Dense {
  const f = new Float32Array(memory)
  const integers = new Int32Array(memory)
  const addProduct = plainProduct(f)
  const [sums, listed, gradients, places] = [createScratch(), createScratch(), createScratch(), createScratch()]

  // Whether leaving zeros out would gain less than tiles do, judged by the first rows.
  function isFull(x: number, N: number, I: number): boolean {
    if (N < TILED_ROWS) return false
    let count = 0
    for (let i = x; i < x + TILED_ROWS * I; i++) if (f[i] !== 0) count++
    return count > TILED_SHARE * TILED_ROWS * I
  }

  // The inputs of a row at x that are not zero, found or listed at `index` (-1 for not), and where their weights [I,O] from w are.
  function list(x: number, index: number, w: number, I: number, O: number): number {
    const values = listed.doubles(I + PASS)
    const offsets = listed.integers(I + PASS)
    let length = 0
    if (index >= 0) {
      for (; length < integers[index]; length++) {
        const i = integers[index + 1 + length]
        values[length] = f[x + i]
        offsets[length] = w + i * O
      }
      return length
    }
    for (let i = 0; i < I; i++) {
      const v = f[(x + i) | 0]
      if (v === 0) continue
      values[length] = v
      offsets[length++] = w + i * O
    }
    return length
  }

  function denseForward(y: number, x: number, index: number, w: number, b: number, [N, I, O]: Shape): void {
    if (isFull(x, N, I)) {
      for (let n = 0; n < N; n++) for (let o = 0; o < O; o++) f[y + n * O + o] = f[b + o]
      addProduct([y, O], [x, I, 1], [w, 1, O], [N, O, I])
      return
    }
    const acc = sums.doubles(O)
    for (let n = 0; n < N; n++) {
      let length = list(x + n * I, index < 0 ? -1 : index + n * (I + 1), w, I, O)
      const values = listed.doubles(length + PASS)
      const offsets = listed.integers(length + PASS)
      for (; length % PASS > 0; length++) {
        values[length] = 0
        offsets[length] = w
      }
      for (let o = 0; o < O; o++) acc[o] = f[b + o]
      addRows(acc, f, values, offsets, length, O)
      for (let o = 0; o < O; o++) f[y + n * O + o] = acc[o]
    }
  }

  // Of one row at `count` listed inputs: eight inputs share each gradient.
  function inputGradients(
    to: number,
    from: number,
    w: number,
    inputs: Int32Array,
    first: number,
    count: number,
    O: number,
  ): void {
    let k = first
    const end = first + count
    for (; k + 7 < end; k += 8) {
      const p0 = w + inputs[k] * O
      const p1 = w + inputs[k + 1] * O
      const p2 = w + inputs[k + 2] * O
      const p3 = w + inputs[k + 3] * O
      const p4 = w + inputs[k + 4] * O
      const p5 = w + inputs[k + 5] * O
      const p6 = w + inputs[k + 6] * O
      const p7 = w + inputs[k + 7] * O
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      let s4 = 0
      let s5 = 0
      let s6 = 0
      let s7 = 0
      for (let o = 0; o < O; o++) {
        const g = f[(from + o) | 0]
        s0 += g * f[(p0 + o) | 0]
        s1 += g * f[(p1 + o) | 0]
        s2 += g * f[(p2 + o) | 0]
        s3 += g * f[(p3 + o) | 0]
        s4 += g * f[(p4 + o) | 0]
        s5 += g * f[(p5 + o) | 0]
        s6 += g * f[(p6 + o) | 0]
        s7 += g * f[(p7 + o) | 0]
      }
      f[to + inputs[k]] = s0
      f[to + inputs[k + 1]] = s1
      f[to + inputs[k + 2]] = s2
      f[to + inputs[k + 3]] = s3
      f[to + inputs[k + 4]] = s4
      f[to + inputs[k + 5]] = s5
      f[to + inputs[k + 6]] = s6
      f[to + inputs[k + 7]] = s7
    }
    for (; k < end; k++) {
      const p = w + inputs[k] * O
      let sum = 0
      for (let o = 0; o < O; o++) sum += f[(from + o) | 0] * f[(p + o) | 0]
      f[to + inputs[k]] = sum
    }
  }

  // One row: a gradient that eight outputs at a time keep in variables meets every input.
  function addOuter(dw: number, x: number, index: number, dy: number, I: number, O: number): void {
    const length = list(x, index, dw, I, O)
    const values = listed.doubles(length)
    const offsets = listed.integers(length)
    let o = 0
    for (; o + 7 < O; o += 8) {
      const g0 = f[dy + o]
      const g1 = f[dy + o + 1]
      const g2 = f[dy + o + 2]
      const g3 = f[dy + o + 3]
      const g4 = f[dy + o + 4]
      const g5 = f[dy + o + 5]
      const g6 = f[dy + o + 6]
      const g7 = f[dy + o + 7]
      for (let k = 0; k < length; k++) {
        const v = values[k]
        const t = (offsets[k] + o) | 0
        f[t] += v * g0
        f[(t + 1) | 0] += v * g1
        f[(t + 2) | 0] += v * g2
        f[(t + 3) | 0] += v * g3
        f[(t + 4) | 0] += v * g4
        f[(t + 5) | 0] += v * g5
        f[(t + 6) | 0] += v * g6
        f[(t + 7) | 0] += v * g7
      }
    }
    for (; o + 1 < O; o += 2) {
      const g0 = f[dy + o]
      const g1 = f[dy + o + 1]
      for (let k = 0; k < length; k++) {
        const v = values[k]
        const t = (offsets[k] + o) | 0
        f[t] += v * g0
        f[(t + 1) | 0] += v * g1
      }
    }
    if (o < O) for (let k = 0; k < length; k++) f[(offsets[k] + o) | 0] += values[k] * f[dy + o]
  }

  // Several rows: of each input a list of the rows where it is not zero. The values are in front of the gradients.
  function addListed(dw: number, x: number, dy: number, N: number, I: number, O: number): void {
    const rows = gradients.doubles(N + N * O)
    for (let i = 0; i < N * O; i++) rows[N + i] = f[dy + i]
    const offsets = listed.integers(N)
    for (let i = 0; i < I; i++) {
      let length = 0
      for (let n = 0; n < N; n++) {
        const v = f[x + n * I + i]
        if (v === 0) continue
        rows[length] = v
        offsets[length++] = N + n * O
      }
      if (length > 0) addPanels(f, dw + i * O, dw + i * O, rows, offsets, length, O)
    }
  }

  function denseBackwardWeight(dw: number, db: number, x: number, index: number, dy: number, [N, I, O]: Shape): void {
    for (let n = 0; n < N; n++) for (let o = 0; o < O; o++) f[db + o] += f[dy + n * O + o]
    if (N < TILED_ROWS || O < LISTED_OUTPUTS) {
      for (let n = 0; n < N; n++) addOuter(dw, x + n * I, index < 0 ? -1 : index + n * (I + 1), dy + n * O, I, O)
    } else if (isFull(x, N, I)) addProduct([dw, O], [x, 1, I], [dy, 1, O], [I, O, N])
    else addListed(dw, x, dy, N, I, O)
  }

  return {
    denseForward: (y, x, w, b, ...shape) => denseForward(y >> 2, x >> 2, -1, w >> 2, b >> 2, shape),
    denseForwardSparse: (y, x, index, w, b, ...shape) =>
      denseForward(y >> 2, x >> 2, index >> 2, w >> 2, b >> 2, shape),
    denseBackwardInput(dx, dy, w, N, I, O) {
      if (N >= TILED_ROWS) {
        f.fill(0, dx >> 2, (dx >> 2) + N * I)
        addProduct([dx >> 2, I], [dy >> 2, O, 1], [w >> 2, O, 1], [N, I, O])
        return
      }
      const all = places.integers(I)
      for (let i = 0; i < I; i++) all[i] = i
      for (let n = 0; n < N; n++) inputGradients((dx >> 2) + n * I, (dy >> 2) + n * O, w >> 2, all, 0, I, O)
    },
    denseBackwardInputSparse(dx, index, dy, w, N, I, O) {
      f.fill(0, dx >> 2, (dx >> 2) + N * I)
      for (let n = 0; n < N; n++) {
        const listAt = (index >> 2) + n * (I + 1)
        inputGradients((dx >> 2) + n * I, (dy >> 2) + n * O, w >> 2, integers, listAt + 1, integers[listAt], O)
      }
    },
    denseBackwardWeight: (dw, db, x, dy, ...shape) => denseBackwardWeight(dw >> 2, db >> 2, x >> 2, -1, dy >> 2, shape),
    denseBackwardWeightSparse: (dw, db, x, index, dy, ...shape) =>
      denseBackwardWeight(dw >> 2, db >> 2, x >> 2, index >> 2, dy >> 2, shape),
  }
}
