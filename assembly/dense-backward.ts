// The dense layer, backward to inputs and to weights. Twin: core/kernels/dense-backward.ts.
// Lanes lie on inputs or on outputs, but never on the axis that is summed.

import { biasGradient } from './bias'
import { multiplyBlocks, Transposed } from './blocks'
import { dotFour } from './dot'
import { Loads, SHUFFLES, Shuffles } from './lanes'
import { PANEL, Panel, packColumns } from './panel'
import { accumulate, Matrix } from './product'
import { SCRATCH } from './scratch'
import { addLanes, snap, snap4, storeLanes } from './snap'
import { Eight, Four } from './tile'

const ZEROS = memory.data(32, 16)

export function denseBackwardInput(dx: usize, dy: usize, w: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    // with several rows the lanes lie on inputs
    const first = N > 2 ? multiplyBlocks<Transposed>(dx, dy, w, ZEROS, N, O, I) : 0
    if (first === I) return
    if (SHUFFLES) backwardInputRows<Shuffles>(dx, dy, w, first, N, I, O)
    else backwardInputRows<Loads>(dx, dy, w, first, N, I, O)
  } else {
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < I; i++) {
        let sum: f32 = 0
        for (let o = 0; o < O; o++) {
          sum += load<f32>(dy + ((n * O + o) << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(dx + ((n * I + i) << 2), snap(sum))
      }
    }
  }
}

// Computes the inputs from `first` on.
function backwardInputRows<Way>(dx: usize, dy: usize, w: usize, first: i32, N: i32, I: i32, O: i32): void {
  for (let n = 0; n < N; n++) {
    backwardInputRow<Way>(dx + ((n * I + first) << 2), dy + ((n * O) << 2), w + ((first * O) << 2), I - first, O)
  }
}

// Computes one row. Four rows of w at a time are transposed in registers.
function backwardInputRow<Way>(dx: usize, dy: usize, w: usize, I: i32, O: i32): void {
  const stride = (<usize>O) << 2
  for (; I > 3; I -= 4) {
    v128.store(dx, snap4(dotFour<Way>(dy, w, w + stride, w + 2 * stride, w + 3 * stride, O)))
    w += 4 * stride
    dx += 16
  }
  // one to three rows are left: the last stands in for the missing ones
  if (I > 0) {
    const w1 = I > 1 ? w + stride : w
    const w2 = I > 2 ? w1 + stride : w1
    storeLanes(dx, snap4(dotFour<Way>(dy, w, w1, w2, w2, O)), I)
  }
}

export function denseBackwardWeight(dw: usize, db: usize, x: usize, dy: usize, N: i32, I: i32, O: i32): void {
  biasGradient(db, dy, N, O)
  if (ASC_FEATURE_SIMD) {
    if (N === 1) {
      for (let o = 0; o < O; o += 12) backwardWeightRow(dw, x, dy, I, O, o)
      return
    }
    // if there are many inputs, gradients are read from panels
    let first = 0
    if (I > 15) {
      for (; O - first > 7; first += 8) {
        for (let n = 0; n < N; n += PANEL) {
          const count = min(PANEL, N - n)
          packColumns(dy + ((n * O + first) << 2), O, count)
          accumulate<Eight, Panel>(dw + (first << 2), x + ((n * I) << 2), SCRATCH, count, 8, I, O)
        }
      }
    }
    let o = first
    for (; O - o > 4; o += 8) accumulate<Eight, Matrix>(dw + (o << 2), x, dy + (o << 2), N, O - o, I, O)
    if (o < O) accumulate<Four, Matrix>(dw + (o << 2), x, dy + (o << 2), N, O - o, I, O)
  } else {
    for (let i = 0; i < I; i++) {
      for (let o = 0; o < O; o++) {
        const at = dw + ((i * O + o) << 2)
        let sum = load<f32>(at)
        for (let n = 0; n < N; n++) {
          sum += load<f32>(x + ((n * I + i) << 2)) * load<f32>(dy + ((n * O + o) << 2))
        }
        store<f32>(at, sum)
      }
    }
  }
}

// Computes columns o..o+11, of which at least one exists, for one image. Ten outputs, which all networks here end in, are two
// whole vectors and a part of one.
function backwardWeightRow(dw: usize, x: usize, dy: usize, I: i32, O: i32, o: i32): void {
  const rest = O - o
  const from = dy + (o << 2)
  const d0 = v128.load(from)
  const d1 = v128.load(rest > 4 ? from + 16 : from)
  const d2 = v128.load(rest > 8 ? from + 32 : from)
  const end = x + (I << 2)
  const stride = (<usize>O) << 2
  let to = dw + (o << 2)
  if (rest > 8) {
    for (; x < end; x += 4) {
      const v = v128.load_splat<f32>(x)
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
      v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
      storeLanes(to + 32, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), rest - 8)
      to += stride
    }
  } else {
    for (; x < end; x += 4) {
      const v = v128.load_splat<f32>(x)
      addLanes(to, f32x4.mul(v, d0), rest)
      addLanes(to + 16, f32x4.mul(v, d1), rest - 4)
      to += stride
    }
  }
}
