/** A product of matrices in tiles of four by four: what the plain kernels do where leaving zeros out would gain less. */

import { createScratch } from './scratch.ts'

const SIDE = 4

/** Where an array is and how far its rows or columns, and its k, are apart. */
type Steps = readonly [offset: number, next: number, nextK: number]

export type AddProduct = (
  c: readonly [offset: number, nextRow: number],
  a: Steps,
  b: Steps,
  dimensions: readonly [M: number, N: number, K: number],
) => void

/** c[m,n] += the sum over k of a[m,k] b[k,n]; all are in f, and copied as doubles in the order in which tiles read them. */
export function plainProduct(f: Float32Array): AddProduct {
  const scratch = createScratch()
  const corner = new Float32Array(SIDE * SIDE)

  // Groups of four rows or columns: [ceil(size/4), K, 4] from `to`, with zeros behind the last. Returns where it ends.
  function pack(packed: Float64Array, to: number, [from, next, nextK]: Steps, size: number, K: number): number {
    let at = to
    for (let first = 0; first < size; first += SIDE) {
      const count = Math.min(SIDE, size - first)
      for (let k = 0; k < K; k++) {
        const start = from + first * next + k * nextK
        for (let i = 0; i < count; i++) packed[at + i] = f[start + i * next]
        for (let i = count; i < SIDE; i++) packed[at + i] = 0
        at += SIDE
      }
    }
    return at
  }

  return ([c, nextRow], a, b, [M, N, K]) => {
    const group = SIDE * K
    const packed = scratch.doubles((Math.ceil(M / SIDE) + Math.ceil(N / SIDE)) * group)
    const columns = pack(packed, 0, a, M, K)
    pack(packed, columns, b, N, K)
    for (let n = 0; n < N; n += SIDE) {
      for (let m = 0; m < M; m += SIDE) {
        const [p, q] = [(m / SIDE) * group, columns + (n / SIDE) * group]
        const to = c + m * nextRow + n
        if (m + SIDE <= M && n + SIDE <= N) {
          addTile(f, to, nextRow, packed, p, q, K)
          continue
        }
        corner.fill(0)
        addTile(corner, 0, SIDE, packed, p, q, K)
        const [rows, across] = [Math.min(SIDE, M - m), Math.min(SIDE, N - n)]
        for (let r = 0; r < rows; r++) for (let i = 0; i < across; i++) f[to + r * nextRow + i] += corner[r * SIDE + i]
      }
    }
  }
}

// f[c..], rows `next` apart, += the sum over k of packed[row + 4 k..] packed[column + 4 k..]
function addTile(
  f: Float32Array,
  c: number,
  next: number,
  packed: Float64Array,
  row: number,
  column: number,
  K: number,
): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let s4 = 0
  let s5 = 0
  let s6 = 0
  let s7 = 0
  let s8 = 0
  let s9 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  let s14 = 0
  let s15 = 0
  let p = row
  let q = column
  for (let k = 0; k < K; k++) {
    const x0 = packed[p]
    const x1 = packed[(p + 1) | 0]
    const x2 = packed[(p + 2) | 0]
    const x3 = packed[(p + 3) | 0]
    const y0 = packed[q]
    s0 += x0 * y0
    s4 += x1 * y0
    s8 += x2 * y0
    s12 += x3 * y0
    const y1 = packed[(q + 1) | 0]
    s1 += x0 * y1
    s5 += x1 * y1
    s9 += x2 * y1
    s13 += x3 * y1
    const y2 = packed[(q + 2) | 0]
    s2 += x0 * y2
    s6 += x1 * y2
    s10 += x2 * y2
    s14 += x3 * y2
    const y3 = packed[(q + 3) | 0]
    s3 += x0 * y3
    s7 += x1 * y3
    s11 += x2 * y3
    s15 += x3 * y3
    p = (p + SIDE) | 0
    q = (q + SIDE) | 0
  }
  addRow(f, c, s0, s1, s2, s3)
  addRow(f, c + next, s4, s5, s6, s7)
  addRow(f, c + 2 * next, s8, s9, s10, s11)
  addRow(f, c + 3 * next, s12, s13, s14, s15)
}

function addRow(f: Float32Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  f[at] += s0
  f[at + 1] += s1
  f[at + 2] += s2
  f[at + 3] += s3
}
