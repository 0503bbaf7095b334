// The dense layer, forward, over the listed inputs only. Twin: core/kernels/sparse.ts.
// A digit is 81 % zeros, so this is a fifth of the work.

import { SCRATCH } from './scratch'
import { snap, snap4, storeLanes } from './snap'
import { addProduct, Eight, Ten, Three, Twelve, Two } from './tile'
import { panelWidth } from './width'

const GROUP = 256 // rows that share blocks of weights
const BLOCK = 1568 // vectors of weights, 25 KB

export function denseForwardSparse(y: usize, x: usize, index: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    let o = 0
    for (let width = panelWidth(O); width > 0; width = panelWidth(O - o)) {
      for (let n = 0; n < N; n += GROUP) {
        const to = min(N, n + GROUP)
        if (width === 48) forwardPanel<Twelve>(y, x, index, w, b, n, to, I, O, o)
        else if (width === 40) forwardPanel<Ten>(y, x, index, w, b, n, to, I, O, o)
        else forwardPanel<Eight>(y, x, index, w, b, n, to, I, O, o)
      }
      o += width
    }
    for (; o < O; o += 12) {
      if (O - o > 8) forwardColumns<Three>(y, x, index, w, b, N, I, O, o)
      else forwardColumns<Two>(y, x, index, w, b, N, I, O, o)
    }
  } else {
    for (let n = 0; n < N; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      for (let o = 0; o < O; o++) {
        let sum = load<f32>(b + (o << 2))
        for (let at = row + 4; at < end; at += 4) {
          const i = load<i32>(at)
          sum += load<f32>(x + ((n * I + i) << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(y + ((n * O + o) << 2), snap(sum))
      }
    }
  }
}

// Computes a tile's columns of rows from..to-1, at most GROUP. All rows use a block of weights while it is in the cache. Between
// two blocks y holds the sums so far, and the scratch how far each row's list has been walked.
function forwardPanel<Tile>(
  y: usize,
  x: usize,
  index: usize,
  w: usize,
  b: usize,
  from: i32,
  to: i32,
  I: i32,
  O: i32,
  o: i32,
): void {
  const block = to - from > 1 ? BLOCK / <i32>offsetof<Tile>() : I
  for (let i = 0; i < I; i += block) {
    for (let n = from; n < to; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      const reached = SCRATCH + ((n - from) << 2)
      const outputs = y + ((n * O + o) << 2)
      const start = i === 0 ? row + 4 : <usize>load<i32>(reached)
      const sums = i === 0 ? b + (o << 2) : outputs
      const limit = i + block
      const inputs = x + ((n * I) << 2)
      store<i32>(reached, <i32>forwardTile<Tile>(outputs, inputs, start, end, limit, w + (o << 2), sums, I, O))
    }
  }
}

// Computes a tile of one row, over its list up to input `limit`. The sums start at the values at b, and are snapped at the end of
// the inputs. Returns where in the list it stopped.
function forwardTile<Tile>(
  y: usize,
  x: usize,
  at: usize,
  end: usize,
  limit: i32,
  w: usize,
  b: usize,
  I: i32,
  O: i32,
): usize {
  const stride = (<usize>O) << 2
  let a0 = v128.load(b)
  let a1 = v128.load(b, 16)
  let a2 = v128.load(b, 32)
  let a3 = v128.load(b, 48)
  let a4 = v128.load(b, 64)
  let a5 = v128.load(b, 80)
  let a6 = v128.load(b, 96)
  let a7 = v128.load(b, 112)
  let a8 = a0
  let a9 = a0
  let a10 = a0
  let a11 = a0
  if (offsetof<Tile>() >= 10) {
    a8 = v128.load(b, 128)
    a9 = v128.load(b, 144)
  }
  if (offsetof<Tile>() === 12) {
    a10 = v128.load(b, 160)
    a11 = v128.load(b, 176)
  }
  while (at < end) {
    const i = load<i32>(at)
    if (i >= limit) break
    const v = v128.load_splat<f32>(x + (i << 2))
    const from = w + <usize>i * stride
    a0 = addProduct(a0, v, v128.load(from))
    a1 = addProduct(a1, v, v128.load(from, 16))
    a2 = addProduct(a2, v, v128.load(from, 32))
    a3 = addProduct(a3, v, v128.load(from, 48))
    a4 = addProduct(a4, v, v128.load(from, 64))
    a5 = addProduct(a5, v, v128.load(from, 80))
    a6 = addProduct(a6, v, v128.load(from, 96))
    a7 = addProduct(a7, v, v128.load(from, 112))
    if (offsetof<Tile>() >= 10) {
      a8 = addProduct(a8, v, v128.load(from, 128))
      a9 = addProduct(a9, v, v128.load(from, 144))
    }
    if (offsetof<Tile>() === 12) {
      a10 = addProduct(a10, v, v128.load(from, 160))
      a11 = addProduct(a11, v, v128.load(from, 176))
    }
    at += 4
  }
  if (limit >= I) {
    a0 = snap4(a0)
    a1 = snap4(a1)
    a2 = snap4(a2)
    a3 = snap4(a3)
    a4 = snap4(a4)
    a5 = snap4(a5)
    a6 = snap4(a6)
    a7 = snap4(a7)
    a8 = snap4(a8)
    a9 = snap4(a9)
    a10 = snap4(a10)
    a11 = snap4(a11)
  }
  v128.store(y, a0)
  v128.store(y, a1, 16)
  v128.store(y, a2, 32)
  v128.store(y, a3, 48)
  v128.store(y, a4, 64)
  v128.store(y, a5, 80)
  v128.store(y, a6, 96)
  v128.store(y, a7, 112)
  if (offsetof<Tile>() >= 10) {
    v128.store(y, a8, 128)
    v128.store(y, a9, 144)
  }
  if (offsetof<Tile>() === 12) {
    v128.store(y, a10, 160)
    v128.store(y, a11, 176)
  }
  return at
}

// Computes columns o..o+11, or o..o+7 with a tile of two, of which at least one exists, of all rows. Vectors wholly past the end
// repeat the first.
function forwardColumns<Tile>(
  y: usize,
  x: usize,
  index: usize,
  w: usize,
  b: usize,
  N: i32,
  I: i32,
  O: i32,
  o: i32,
): void {
  const rest = O - o
  const stride = (<usize>O) << 2
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const columns = w + (o << 2)
  const bias = b + (o << 2)
  for (let n = 0; n < N; n++) {
    let at = index + ((n * (I + 1)) << 2)
    const end = at + 4 + (load<i32>(at) << 2)
    const inputs = x + ((n * I) << 2)
    let a0 = v128.load(bias)
    let a1 = v128.load(bias + c1)
    let a2 = v128.load(bias + c2)
    for (at += 4; at < end; at += 4) {
      const i = <usize>load<i32>(at)
      const v = v128.load_splat<f32>(inputs + (i << 2))
      const from = columns + i * stride
      a0 = addProduct(a0, v, v128.load(from))
      a1 = addProduct(a1, v, v128.load(from + c1))
      if (offsetof<Tile>() === 3) a2 = addProduct(a2, v, v128.load(from + c2))
    }
    const to = y + ((n * O + o) << 2)
    storeLanes(to, snap4(a0), rest)
    storeLanes(to + 16, snap4(a1), rest - 4)
    if (offsetof<Tile>() === 3) storeLanes(to + 32, snap4(a2), rest - 8)
  }
}
