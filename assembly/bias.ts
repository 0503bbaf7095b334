// The gradient of biases, for all kernels that compute the gradient of weights.

/** db += the sum of dy over N ascending: db[O], dy[N,O]. Thirty-two columns at a time, so that each cache line is read once. */
export function biasGradient(db: usize, dy: usize, N: i32, O: i32): void {
  let o = 0
  if (ASC_FEATURE_SIMD) {
    for (; o < O - 31; o += 32) biasTile(db + (o << 2), dy + (o << 2), N, O)
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

function biasTile(db: usize, dy: usize, N: i32, O: i32): void {
  let s0 = v128.load(db)
  let s1 = v128.load(db, 16)
  let s2 = v128.load(db, 32)
  let s3 = v128.load(db, 48)
  let s4 = v128.load(db, 64)
  let s5 = v128.load(db, 80)
  let s6 = v128.load(db, 96)
  let s7 = v128.load(db, 112)
  for (let n = 0; n < N; n++) {
    s0 = f32x4.add(s0, v128.load(dy))
    s1 = f32x4.add(s1, v128.load(dy, 16))
    s2 = f32x4.add(s2, v128.load(dy, 32))
    s3 = f32x4.add(s3, v128.load(dy, 48))
    s4 = f32x4.add(s4, v128.load(dy, 64))
    s5 = f32x4.add(s5, v128.load(dy, 80))
    s6 = f32x4.add(s6, v128.load(dy, 96))
    s7 = f32x4.add(s7, v128.load(dy, 112))
    dy += (<usize>O) << 2
  }
  v128.store(db, s0)
  v128.store(db, s1, 16)
  v128.store(db, s2, 32)
  v128.store(db, s3, 48)
  v128.store(db, s4, 64)
  v128.store(db, s5, 80)
  v128.store(db, s6, 96)
  v128.store(db, s7, 112)
}
