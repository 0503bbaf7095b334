// Distances between byte vectors and the nearest of them, for nearest neighbours. Twin: core/kernels/distance.ts.

/**
 * d[r] = sum over l of (q[l] - references[r,l])^2.
 * d i32[R], q u8[L], references u8[R,L]; L at most 33,000.
 * Integers throughout: no order of the sum matters, nothing rounds and, with L in its bound, nothing overflows.
 * d must overlap neither q nor references; overwrites.
 * Exact.
 */
export function distances(d: usize, q: usize, references: usize, R: i32, L: i32): void {
  let r = 0
  if (ASC_FEATURE_SIMD) {
    const eights = L & ~7
    const stride = <usize>L
    for (; r < R - 3; r += 4) {
      const r0 = references + <usize>r * stride
      const r1 = r0 + stride
      const r2 = r1 + stride
      const r3 = r2 + stride
      let s0 = i32x4.splat(0)
      let s1 = i32x4.splat(0)
      let s2 = i32x4.splat(0)
      let s3 = i32x4.splat(0)
      for (let l: usize = 0; l < <usize>eights; l += 8) {
        const query = v128.load_ext<u8>(q + l)
        const d0 = i16x8.sub(query, v128.load_ext<u8>(r0 + l))
        const d1 = i16x8.sub(query, v128.load_ext<u8>(r1 + l))
        const d2 = i16x8.sub(query, v128.load_ext<u8>(r2 + l))
        const d3 = i16x8.sub(query, v128.load_ext<u8>(r3 + l))
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(d0, d0))
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(d1, d1))
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(d2, d2))
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(d3, d3))
      }
      // four sums of four lanes to one vector of four sums
      const low = i32x4.add(v128.shuffle<i32>(s0, s1, 0, 4, 1, 5), v128.shuffle<i32>(s0, s1, 2, 6, 3, 7))
      const high = i32x4.add(v128.shuffle<i32>(s2, s3, 0, 4, 1, 5), v128.shuffle<i32>(s2, s3, 2, 6, 3, 7))
      const sums = i32x4.add(v128.shuffle<i64>(low, high, 0, 2), v128.shuffle<i64>(low, high, 1, 3))
      v128.store(d + (r << 2), sums)
      if (eights < L) {
        for (let k = 0; k < 4; k++) {
          const at = d + ((r + k) << 2)
          store<i32>(at, load<i32>(at) + distance(q, r0 + <usize>k * stride, eights, L))
        }
      }
    }
  }
  for (; r < R; r++) store<i32>(d + (r << 2), distance(q, references + <usize>(r * L), 0, L))
}

// Sum over from <= l < to of (a[l] - b[l])^2.
function distance(a: usize, b: usize, from: i32, to: i32): i32 {
  let sum = 0
  for (let l = from; l < to; l++) {
    const difference = <i32>load<u8>(a + l) - <i32>load<u8>(b + l)
    sum += difference * difference
  }
  return sum
}

/**
 * The positions of the k smallest of d, the smallest first; of equal ones the first.
 * index i32[k], d i32[R]; 1 <= k <= R.
 * Comparisons only.
 * index must not overlap d; overwrites.
 * Exact.
 */
export function nearest(index: usize, d: usize, R: i32, k: i32): void {
  let count = 0
  let worst = i32.MAX_VALUE
  for (let r = 0; r < R; r++) {
    if (ASC_FEATURE_SIMD) {
      // most are farther than the k found so far: pass over them four at a time
      const bound = i32x4.splat(worst)
      while (count === k && r < R - 3 && !v128.any_true(i32x4.lt_s(v128.load(d + (r << 2)), bound))) r += 4
      if (r >= R) break
    }
    const value = load<i32>(d + (r << 2))
    if (count === k && value >= worst) continue
    let place = count < k ? count++ : k - 1
    while (place > 0 && load<i32>(d + (load<i32>(index + ((place - 1) << 2)) << 2)) > value) {
      store<i32>(index + (place << 2), load<i32>(index + ((place - 1) << 2)))
      place--
    }
    store<i32>(index + (place << 2), r)
    worst = load<i32>(d + (load<i32>(index + ((count - 1) << 2)) << 2))
  }
}
