/** Rows of f32 that a list picks, sixteen a pass: where a list is long and its rows are used too seldom to be made doubles. */

/** Lists are filled up with zeros to a multiple of so many. */
export const PASS = 8

/** acc[0..O) += the sum of values[k] f[offsets[k]..]; sixteen weights a pass, and the last eight if there are */
export function addRows(
  acc: Float64Array,
  f: Float32Array,
  values: Float64Array,
  offsets: Int32Array,
  length: number,
  O: number,
): void {
  let k = 0
  for (; k + 15 < length; k += 16) {
    const v0 = values[k]
    const v1 = values[k + 1]
    const v2 = values[k + 2]
    const v3 = values[k + 3]
    const v4 = values[k + 4]
    const v5 = values[k + 5]
    const v6 = values[k + 6]
    const v7 = values[k + 7]
    const v8 = values[k + 8]
    const v9 = values[k + 9]
    const v10 = values[k + 10]
    const v11 = values[k + 11]
    const v12 = values[k + 12]
    const v13 = values[k + 13]
    const v14 = values[k + 14]
    const v15 = values[k + 15]
    const p0 = offsets[k]
    const p1 = offsets[k + 1]
    const p2 = offsets[k + 2]
    const p3 = offsets[k + 3]
    const p4 = offsets[k + 4]
    const p5 = offsets[k + 5]
    const p6 = offsets[k + 6]
    const p7 = offsets[k + 7]
    const p8 = offsets[k + 8]
    const p9 = offsets[k + 9]
    const p10 = offsets[k + 10]
    const p11 = offsets[k + 11]
    const p12 = offsets[k + 12]
    const p13 = offsets[k + 13]
    const p14 = offsets[k + 14]
    const p15 = offsets[k + 15]
    for (let o = 0; o < O; o++) {
      acc[o] =
        acc[o] +
        v0 * f[(p0 + o) | 0] +
        v1 * f[(p1 + o) | 0] +
        v2 * f[(p2 + o) | 0] +
        v3 * f[(p3 + o) | 0] +
        v4 * f[(p4 + o) | 0] +
        v5 * f[(p5 + o) | 0] +
        v6 * f[(p6 + o) | 0] +
        v7 * f[(p7 + o) | 0] +
        v8 * f[(p8 + o) | 0] +
        v9 * f[(p9 + o) | 0] +
        v10 * f[(p10 + o) | 0] +
        v11 * f[(p11 + o) | 0] +
        v12 * f[(p12 + o) | 0] +
        v13 * f[(p13 + o) | 0] +
        v14 * f[(p14 + o) | 0] +
        v15 * f[(p15 + o) | 0]
    }
  }
  if (k < length) {
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
      acc[o] =
        acc[o] +
        v0 * f[(p0 + o) | 0] +
        v1 * f[(p1 + o) | 0] +
        v2 * f[(p2 + o) | 0] +
        v3 * f[(p3 + o) | 0] +
        v4 * f[(p4 + o) | 0] +
        v5 * f[(p5 + o) | 0] +
        v6 * f[(p6 + o) | 0] +
        v7 * f[(p7 + o) | 0]
    }
  }
}
