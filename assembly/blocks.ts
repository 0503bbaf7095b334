// Products of matrices in blocks that fit the first cache of a phone, for many rows: values are packed row by row in fours, and
// weights in panels, so that the loop over a tile walks both with one pointer each.

import { Loads, lane0, lane1, lane2, lane3, loadFour, SHUFFLES, Shuffles } from './lanes'
import { packColumns, packFour, packRows } from './panel'
import { storeRow } from './product'
import { SCRATCH } from './scratch'
import { snap4 } from './snap'
import { addProduct, Eight } from './tile'

const ROWS = 32
const COUNT = 128
const VALUES = SCRATCH + (COUNT << 5) // f32[ROWS / 4,COUNT,4], behind the panel

/** w[I,O] is stored as it is. */
export class Straight {}

/** w is stored as wT[O,I]. */
export class Transposed {
  a: i32
}

/**
 * y = snap(b + x w), y[N,O], x[N,I], b[O], or 0 for none: for columns of y in eights, and if w is Transposed also for the last five
 * to seven. Returns how many columns. Between two blocks y holds the sums so far.
 */
export function multiplyBlocks<Stored>(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32): i32 {
  const least = offsetof<Stored>() ? 4 : 7
  let o = 0
  for (let n = 0; n < N; n += ROWS) {
    const rows = min(ROWS, N - n)
    for (let i = 0; i < I; i += COUNT) {
      const count = min(COUNT, I - i)
      for (let r = 0; r < rows; r += 4) {
        packFour(VALUES + r * (COUNT << 2), 16, x + (((n + r) * I + i) << 2), I, rows - r, count)
      }
      for (o = 0; O - o > least; o += 8) {
        if (offsetof<Stored>()) packRows(w + ((o * I + i) << 2), I, min(O - o, 8), count)
        else packColumns(w + ((i * O + o) << 2), O, count)
        const from = i ? 0 : offsetof<Stored>() ? b : b + (o << 2)
        const to = y + ((n * O + o) << 2)
        if (SHUFFLES) multiplyPanel<Shuffles>(to, from, count, i + count === I, rows, O, O - o)
        else multiplyPanel<Loads>(to, from, count, i + count === I, rows, O, O - o)
      }
    }
  }
  return o
}

// Computes eight columns of the block's rows. The sums start at the biases at `from`, or at y if `from` is 0. `last` snaps them.
// Rows past the end repeat the last one: they store the same bits again.
function multiplyPanel<Way>(y: usize, from: usize, count: i32, last: bool, rows: i32, O: i32, lanes: i32): void {
  const stride = (<usize>O) << 2
  for (let r = 0; r < rows; r += 4) {
    const y1 = r + 1 < rows ? y + stride : y
    const y2 = r + 2 < rows ? y1 + stride : y1
    const y3 = r + 3 < rows ? y2 + stride : y2
    let a0 = v128.load(from ? from : y)
    let a1 = v128.load(from ? from : y1)
    let a2 = v128.load(from ? from : y2)
    let a3 = v128.load(from ? from : y3)
    let b0 = v128.load(from ? from : y, 16)
    let b1 = v128.load(from ? from : y1, 16)
    let b2 = v128.load(from ? from : y2, 16)
    let b3 = v128.load(from ? from : y3, 16)
    let x = VALUES + r * (COUNT << 2)
    const end = x + (count << 4)
    let w = SCRATCH
    // in this order, one vector of w after the other, a Zen 4 is a tenth faster than row by row
    while (x < end) {
      const four = loadFour<Way>(x)
      const wa = v128.load(w)
      const v0 = lane0<Way>(four, x)
      a0 = addProduct(a0, v0, wa)
      const wb = v128.load(w, 16)
      const v1 = lane1<Way>(four, x)
      a1 = addProduct(a1, v1, wa)
      const v2 = lane2<Way>(four, x)
      a2 = addProduct(a2, v2, wa)
      const v3 = lane3<Way>(four, x)
      a3 = addProduct(a3, v3, wa)
      b0 = addProduct(b0, v0, wb)
      b1 = addProduct(b1, v1, wb)
      b2 = addProduct(b2, v2, wb)
      b3 = addProduct(b3, v3, wb)
      w += 32
      x += 16
    }
    storeRow<Eight>(y, last ? snap4(a0) : a0, last ? snap4(b0) : b0, lanes)
    storeRow<Eight>(y1, last ? snap4(a1) : a1, last ? snap4(b1) : b1, lanes)
    storeRow<Eight>(y2, last ? snap4(a2) : a2, last ? snap4(b2) : b2, lanes)
    storeRow<Eight>(y3, last ? snap4(a3) : a3, last ? snap4(b3) : b3, lanes)
    y += 4 * stride
  }
}
