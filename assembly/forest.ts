// Random forests: the search for a node's best split while a tree grows, and the trees' votes. Twin: core/kernels/forest.ts.

const BINS = 16 // levels a feature is cut into while a tree grows: the high four bits of its byte
const LANES = 16 // classes a row of the histogram has room for; the labels in `samples` stay below
const ROW = LANES << 2 // bytes
const LEAF = 0x8000 // set in a reference to a leaf

// The histogram counts a feature's samples by level and class, once for all thresholds. Its last two rows count all samples, and
// those left of the threshold.
export function splitSearch(
  best: usize,
  histogram: usize,
  columns: usize,
  candidates: usize,
  samples: usize,
  L: i32,
  K: i32,
  n: i32,
): void {
  const total = histogram + BINS * ROW
  const left = total + ROW
  memory.fill(total, 0, ROW)
  const end = samples + (n << 2)
  for (let at = samples; at < end; at += 4) increment(total + ((load<u32>(at) & 15) << 2))

  let bestScore: f64 = -1
  let position = -1
  let threshold = 0
  for (let k = 0; k < K; k++) {
    const column = columns + load<i32>(candidates + (k << 2)) * L
    memory.fill(histogram, 0, BINS * ROW)
    memory.fill(left, 0, ROW)
    for (let at = samples; at < end; at += 4) {
      const sample = load<u32>(at)
      increment(histogram + ((load<u8>(column + (sample >> 4)) | (sample & 15)) << 2))
    }
    let leftCount = 0
    let previous = 0
    for (let bin = 0; bin < BINS; bin++) {
      const row = histogram + bin * ROW
      const count = rowSum(row)
      if (count === 0) continue
      if (leftCount > 0) {
        const score = squares(left) / <f64>leftCount + squaresOfRest(total, left) / <f64>(n - leftCount)
        if (score > bestScore) {
          bestScore = score
          position = k
          threshold = (((previous + bin - 1) >> 1) << 4) | 15
        }
      }
      addRow(left, row)
      leftCount += count
      previous = bin
    }
  }
  store<i32>(best, position)
  store<i32>(best, threshold, 4)
}

function increment(at: usize): void {
  store<i32>(at, load<i32>(at) + 1)
}

// The sum of the twelve lanes of a row that can be other than zero.
function rowSum(row: usize): i32 {
  if (ASC_FEATURE_SIMD) {
    const sum = i32x4.add(i32x4.add(v128.load(row), v128.load(row, 16)), v128.load(row, 32))
    const half = i32x4.add(sum, i32x4.shuffle(sum, sum, 2, 3, 0, 1))
    return i32x4.extract_lane(half, 0) + i32x4.extract_lane(half, 1)
  }
  let sum = 0
  for (let at = row; at < row + 48; at += 4) sum += load<i32>(at)
  return sum
}

function addRow(to: usize, row: usize): void {
  for (let at: usize = 0; at < 48; at += 16) {
    if (ASC_FEATURE_SIMD) v128.store(to + at, i32x4.add(v128.load(to + at), v128.load(row + at)))
    else {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        store<i32>(to + at + lane, load<i32>(to + at + lane) + load<i32>(row + at + lane))
      }
    }
  }
}

function squares(row: usize): f64 {
  if (ASC_FEATURE_SIMD) {
    let sum = squares4(v128.load(row))
    sum = i64x2.add(sum, squares4(v128.load(row, 16)))
    return lanesAdded(i64x2.add(sum, squares4(v128.load(row, 32))))
  }
  let sum: f64 = 0
  for (let at = row; at < row + 48; at += 4) {
    const value = <f64>load<i32>(at)
    sum += value * value
  }
  return sum
}

// The sum of the squares of total - left.
function squaresOfRest(total: usize, left: usize): f64 {
  if (ASC_FEATURE_SIMD) {
    let sum = squares4(i32x4.sub(v128.load(total), v128.load(left)))
    sum = i64x2.add(sum, squares4(i32x4.sub(v128.load(total, 16), v128.load(left, 16))))
    return lanesAdded(i64x2.add(sum, squares4(i32x4.sub(v128.load(total, 32), v128.load(left, 32)))))
  }
  let sum: f64 = 0
  for (let at: usize = 0; at < 48; at += 4) {
    const value = <f64>(load<i32>(total + at) - load<i32>(left + at))
    sum += value * value
  }
  return sum
}

function squares4(x: v128): v128 {
  return i64x2.add(i64x2.extmul_low_i32x4_s(x, x), i64x2.extmul_high_i32x4_s(x, x))
}

function lanesAdded(x: v128): f64 {
  return <f64>(i64x2.extract_lane(x, 0) + i64x2.extract_lane(x, 1))
}

export function forestVotes(
  votes: usize,
  f: usize,
  splits: usize,
  roots: usize,
  leaves: usize,
  N: i32,
  F: i32,
  T: i32,
  C: i32,
): void {
  memory.fill(votes, 0, (<usize>(N * C)) << 2)
  for (let t = 0; t < T; t++) {
    const root = splits + load<i32>(roots + (t << 2)) * 6
    for (let n = 0; n < N; n++) {
      const row = f + n * F
      let reference = 0
      do {
        const split = root + reference * 6
        const test = <i32>load<u16>(split)
        const above = <usize>(<i32>load<u8>(row + (test >> 8)) > (test & 255))
        reference = <i32>load<u16>(split + (above << 1), 2)
      } while (reference < LEAF)
      const leaf = leaves + (reference - LEAF) * C
      const to = votes + ((n * C) << 2)
      for (let c = 0; c < C; c++) store<i32>(to + (c << 2), load<i32>(to + (c << 2)) + <i32>load<u8>(leaf + c))
    }
  }
}
