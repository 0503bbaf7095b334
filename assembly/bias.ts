// The bias half of both backward-to-weights kernels.

/** db += 1 dy, over N ascending: db[O], dy[N,O]. The bias half of both backward kernels. */
export function biasGradient(db: usize, dy: usize, N: i32, O: i32): void {
  let o = 0
  if (ASC_FEATURE_SIMD) {
    for (; o < O - 3; o += 4) {
      let sum = v128.load(db + (o << 2))
      for (let n = 0; n < N; n++) sum = f32x4.add(sum, v128.load(dy + ((n * O + o) << 2)))
      v128.store(db + (o << 2), sum)
    }
  }
  for (; o < O; o++) {
    let sum = load<f32>(db + (o << 2))
    for (let n = 0; n < N; n++) sum += load<f32>(dy + ((n * O + o) << 2))
    store<f32>(db + (o << 2), sum)
  }
}
