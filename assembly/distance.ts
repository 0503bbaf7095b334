// Distances between byte vectors and the nearest of them, for nearest neighbours. Twin: core/kernels/distance.ts.

// Rows longer than this, in bytes, are read one at a time: hardware prefetching does not follow four of them at once.
const LONG = 512

// Four references at a time share the loads of q. The order of the sum does not matter, because integers do not round.
export function distances(d: usize, q: usize, references: usize, R: i32, L: i32): void {
  let r = 0
  if (ASC_FEATURE_SIMD) {
    const eights = L & ~7
    const stride = <usize>L
    for (; L > LONG && r < R; r++) store<i32>(d + (r << 2), longDistance(q, references + <usize>r * stride, L))
    for (; r < R - 3; r += 4) {
      const r0 = references + <usize>r * stride
      const r1 = r0 + stride
      const r2 = r1 + stride
      const r3 = r2 + stride
      let s0 = i32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let l: usize = 0
      for (; l + 16 <= stride; l += 16) {
        const query = v128.load(q + l)
        s0 = i32x4.add(s0, sixteen(query, v128.load(r0 + l)))
        s1 = i32x4.add(s1, sixteen(query, v128.load(r1 + l)))
        s2 = i32x4.add(s2, sixteen(query, v128.load(r2 + l)))
        s3 = i32x4.add(s3, sixteen(query, v128.load(r3 + l)))
      }
      if (l < <usize>eights) {
        const query = v128.load_ext<u8>(q + l)
        s0 = i32x4.add(s0, eight(query, v128.load_ext<u8>(r0 + l)))
        s1 = i32x4.add(s1, eight(query, v128.load_ext<u8>(r1 + l)))
        s2 = i32x4.add(s2, eight(query, v128.load_ext<u8>(r2 + l)))
        s3 = i32x4.add(s3, eight(query, v128.load_ext<u8>(r3 + l)))
      }
      // the lanes of each of four vectors are added, which gives one vector of four sums
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

function longDistance(a: usize, b: usize, L: i32): i32 {
  let sums = i32x4.splat(0)
  let l: usize = 0
  for (; l + 16 <= <usize>L; l += 16) sums = i32x4.add(sums, sixteen(v128.load(a + l), v128.load(b + l)))
  const even = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 2)
  return even + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 3) + distance(a, b, <i32>l, L)
}

// The squares of sixteen differences of u8, in four sums.
function sixteen(a: v128, b: v128): v128 {
  const d = i8x16.sub(i8x16.max_u(a, b), i8x16.min_u(a, b))
  const low = i16x8.extend_low_i8x16_u(d)
  const high = i16x8.extend_high_i8x16_u(d)
  return i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high))
}

// The squares of eight differences of i16, in four sums.
function eight(a: v128, b: v128): v128 {
  const d = i16x8.sub(a, b)
  return i32x4.dot_i16x8_s(d, d)
}

// The sum over from <= l < to of (a[l] - b[l])^2.
function distance(a: usize, b: usize, from: i32, to: i32): i32 {
  let sum = 0
  for (let l = from; l < to; l++) {
    const difference = <i32>load<u8>(a + l) - <i32>load<u8>(b + l)
    sum += difference * difference
  }
  return sum
}

export function nearest(index: usize, d: usize, R: i32, k: i32): void {
  let count = 0
  let worst = i32.MAX_VALUE
  for (let r = 0; r < R; r++) {
    if (ASC_FEATURE_SIMD) {
      // most references are farther away than the k found so far: they are skipped sixteen and four at a time
      const bound = i32x4.splat(worst)
      while (count === k && r < R - 15 && !anyBelow16(d + (r << 2), bound)) r += 16
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

function anyBelow16(d: usize, bound: v128): bool {
  const first = i32x4.min_s(v128.load(d), v128.load(d, 16))
  const second = i32x4.min_s(v128.load(d, 32), v128.load(d, 48))
  return v128.any_true(i32x4.lt_s(i32x4.min_s(first, second), bound))
}
