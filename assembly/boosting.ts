// Boosted trees: sums of gradients while a tree grows, and the sums of the trees' leaves. Twin: core/kernels/boosting.ts.

const BINS = 64 // of a feature: the high six bits of its byte
const LEAF = 128 // references from this on are to a leaf

// A bin's two sums are one i64, the hessians in its low half: these are never negative and stay below 2^31, so that nothing is
// carried. Consecutive additions go to different features, so none waits for the one before.
export function gradientHistogram(
  histogram: usize,
  rows: usize,
  candidates: usize,
  samples: usize,
  gradients: usize,
  F: i32,
  K: i32,
  n: i32,
): void {
  memory.fill(histogram, 0, (<usize>(K * BINS)) << 3)
  for (let s = 0; s < n; s++) {
    const row = rows + <usize>load<i32>(samples + (s << 2)) * F
    const gradient = load<i64>(gradients + (s << 3))
    let bins = histogram
    for (let k = 0; k < K; k++) {
      const at = bins + ((<usize>(load<u8>(row + load<i32>(candidates + (k << 2))) & 0xfc)) << 1)
      store<i64>(at, load<i64>(at) + gradient)
      bins += BINS << 3
    }
  }
}

export function boostedScores(
  scores: usize,
  f: usize,
  splits: usize,
  roots: usize,
  leaves: usize,
  N: i32,
  F: i32,
  T: i32,
  C: i32,
): void {
  let column = scores
  const end = scores + (C << 2)
  for (let t = 0; t < T; t++) {
    const first = load<i32>(roots + (t << 2))
    const root = splits + (first << 2)
    // a tree has one leaf more than splits
    const values = leaves + ((first + t) << 1)
    for (let n = 0; n < N; n++) {
      const row = f + n * F
      let reference = 0
      do {
        const split = root + (reference << 2)
        const above = <usize>(load<u8>(row + load<u8>(split)) > load<u8>(split, 1))
        reference = load<u8>(split + above, 2)
      } while (reference < LEAF)
      const to = column + ((n * C) << 2)
      store<i32>(to, load<i32>(to) + <i32>load<i16>(values + ((reference - LEAF) << 1)))
    }
    column += 4
    if (column === end) column = scores
  }
}
