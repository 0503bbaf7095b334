// Four dot products at once, with lanes on the results: for backward passes in which the sum runs along a row of weights.

import { lane0, lane1, lane2, lane3, loadFour } from './lanes'

/**
 * The sums over o ascending, from +0, of dy[o] * wk[o] for k = 0..3.
 * dy[O], w0[O], w1[O], w2[O], w3[O]; returns [4].
 * Each four by four block of w is transposed in registers, so that every sum keeps its plain order. `Way` is a class of lanes.ts.
 */
export function dotFour<Way>(dy: usize, w0: usize, w1: usize, w2: usize, w3: usize, O: i32): v128 {
  let sums = f32x4.splat(0)
  const size = (<usize>O) << 2
  let o: usize = 0
  for (; o + 16 <= size; o += 16) {
    const four = loadFour<Way>(dy + o)
    const r0 = v128.load(w0 + o)
    const r1 = v128.load(w1 + o)
    const r2 = v128.load(w2 + o)
    const r3 = v128.load(w3 + o)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    sums = f32x4.add(sums, f32x4.mul(lane0<Way>(four, dy + o), v128.shuffle<i64>(low01, low23, 0, 2)))
    sums = f32x4.add(sums, f32x4.mul(lane1<Way>(four, dy + o), v128.shuffle<i64>(low01, low23, 1, 3)))
    sums = f32x4.add(sums, f32x4.mul(lane2<Way>(four, dy + o), v128.shuffle<i64>(high01, high23, 0, 2)))
    sums = f32x4.add(sums, f32x4.mul(lane3<Way>(four, dy + o), v128.shuffle<i64>(high01, high23, 1, 3)))
  }
  const rest = size - o
  if (rest) {
    // one to three columns are left; the lanes loaded beside them are not used
    const r0 = v128.load(w0 + o)
    const r1 = v128.load(w1 + o)
    const r2 = v128.load(w2 + o)
    const r3 = v128.load(w3 + o)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    sums = f32x4.add(sums, f32x4.mul(v128.load_splat<f32>(dy + o), v128.shuffle<i64>(low01, low23, 0, 2)))
    if (rest > 4) {
      sums = f32x4.add(sums, f32x4.mul(v128.load_splat<f32>(dy + o, 4), v128.shuffle<i64>(low01, low23, 1, 3)))
    }
    if (rest > 8) {
      const third = v128.shuffle<f32>(
        v128.shuffle<f32>(r0, r1, 2, 6, 2, 6),
        v128.shuffle<f32>(r2, r3, 2, 6, 2, 6),
        0,
        1,
        4,
        5,
      )
      sums = f32x4.add(sums, f32x4.mul(v128.load_splat<f32>(dy + o, 8), third))
    }
  }
  return sums
}
