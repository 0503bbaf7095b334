/**
 * Rows of weights that a list picks, eight outputs at a time: what the plain kernels do where zeros are left out. Written as V8
 * compiles it best: an index with `| 0` needs no test for overflow, sums in variables are neither stored nor loaded, and `s + a * b` of
 * doubles is one instruction on 32-bit ARM.
 */

const WIDTH = 8

/**
 * to[t..t+O) = to[from..from+O) + the sum of values[k] rows[offsets[k]..]. The values are the first `length` of the rows' array: with
 * one array less, its address and length stay in registers.
 */
export function addPanels(
  to: Float32Array,
  t: number,
  from: number,
  rows: Float64Array,
  offsets: Int32Array,
  length: number,
  O: number,
): void {
  const whole = O - (O % WIDTH)
  for (let o = 0; o < whole; o += WIDTH) {
    const start = from + o
    let s0 = to[start]
    let s1 = to[(start + 1) | 0]
    let s2 = to[(start + 2) | 0]
    let s3 = to[(start + 3) | 0]
    let s4 = to[(start + 4) | 0]
    let s5 = to[(start + 5) | 0]
    let s6 = to[(start + 6) | 0]
    let s7 = to[(start + 7) | 0]
    for (let k = 0; k < length; k++) {
      const v = rows[k]
      const p = (offsets[k] + o) | 0
      s0 += v * rows[p]
      s1 += v * rows[(p + 1) | 0]
      s2 += v * rows[(p + 2) | 0]
      s3 += v * rows[(p + 3) | 0]
      s4 += v * rows[(p + 4) | 0]
      s5 += v * rows[(p + 5) | 0]
      s6 += v * rows[(p + 6) | 0]
      s7 += v * rows[(p + 7) | 0]
    }
    const end = t + o
    to[end] = s0
    to[(end + 1) | 0] = s1
    to[(end + 2) | 0] = s2
    to[(end + 3) | 0] = s3
    to[(end + 4) | 0] = s4
    to[(end + 5) | 0] = s5
    to[(end + 6) | 0] = s6
    to[(end + 7) | 0] = s7
  }
  let o = whole
  for (; o + 1 < O; o += 2) {
    let s0 = to[from + o]
    let s1 = to[from + o + 1]
    for (let k = 0; k < length; k++) {
      const v = rows[k]
      const p = (offsets[k] + o) | 0
      s0 += v * rows[p]
      s1 += v * rows[(p + 1) | 0]
    }
    to[t + o] = s0
    to[t + o + 1] = s1
  }
  if (o < O) {
    let sum = to[from + o]
    for (let k = 0; k < length; k++) sum += rows[k] * rows[(offsets[k] + o) | 0]
    to[t + o] = sum
  }
}
