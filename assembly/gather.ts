// The middle of a convolution: what is not zero is gathered from under the kernel, pixel by pixel, with lanes on outputs.
// Called by conv.ts, whose twin has it.

import { snap, snap4, storeLanes } from './snap'

/**
 * One image: y[H,W,O] from x[H,W,I] and its lists (rows.ts), w[K,K,I,O], b[O]. One row of the kernel after the other: the
 * weights of one fit the first cache of a phone. Between them y holds the sums so far.
 */
export function gather(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
): void {
  let o = 0
  if (ASC_FEATURE_SIMD) {
    for (; O - o >= 32; o += 32) {
      for (let ky = 0; ky < K; ky++) gather32(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
    for (; o < O; o += 16) {
      for (let ky = 0; ky < K; ky++) gather16(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
  } else {
    for (; O - o >= 8; o += 8) {
      for (let ky = 0; ky < K; ky++) gather8(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
    for (; o < O; o++) {
      for (let ky = 0; ky < K; ky++) gather1(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
  }
}

// Outputs o..o+31 of every pixel, row ky of the kernel.
function gather32(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let a0 = v128.load(before)
      let a1 = v128.load(before, 16)
      let a2 = v128.load(before, 32)
      let a3 = v128.load(before, 48)
      let a4 = v128.load(before, 64)
      let a5 = v128.load(before, 80)
      let a6 = v128.load(before, 96)
      let a7 = v128.load(before, 112)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = v128.load_splat<f32>(values + at)
          const from = columns + at * O
          a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
          a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from, 16)))
          a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from, 32)))
          a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from, 48)))
          a4 = f32x4.add(a4, f32x4.mul(v, v128.load(from, 64)))
          a5 = f32x4.add(a5, f32x4.mul(v, v128.load(from, 80)))
          a6 = f32x4.add(a6, f32x4.mul(v, v128.load(from, 96)))
          a7 = f32x4.add(a7, f32x4.mul(v, v128.load(from, 112)))
        }
      }
      if (ky === K - 1) {
        a0 = snap4(a0)
        a1 = snap4(a1)
        a2 = snap4(a2)
        a3 = snap4(a3)
        a4 = snap4(a4)
        a5 = snap4(a5)
        a6 = snap4(a6)
        a7 = snap4(a7)
      }
      v128.store(to, a0)
      v128.store(to, a1, 16)
      v128.store(to, a2, 32)
      v128.store(to, a3, 48)
      v128.store(to, a4, 64)
      v128.store(to, a5, 80)
      v128.store(to, a6, 96)
      v128.store(to, a7, 112)
      to += pixel
    }
  }
}

// Outputs o..o+15 of every pixel (at least one of them exists), row ky of the kernel. Vectors wholly past the end repeat
// the first.
function gather16(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let a0 = v128.load(before)
      let a1 = v128.load(before + c1)
      let a2 = v128.load(before + c2)
      let a3 = v128.load(before + c3)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = v128.load_splat<f32>(values + at)
          const from = columns + at * O
          a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
          a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
          a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
          a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from + c3)))
        }
      }
      if (ky === K - 1) {
        a0 = snap4(a0)
        a1 = snap4(a1)
        a2 = snap4(a2)
        a3 = snap4(a3)
      }
      storeLanes(to, a0, rest)
      storeLanes(to + 16, a1, rest - 4)
      storeLanes(to + 32, a2, rest - 8)
      storeLanes(to + 48, a3, rest - 12)
      to += pixel
    }
  }
}

// Outputs o..o+7 of every pixel, row ky of the kernel, without SIMD.
function gather8(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let s0 = load<f32>(before)
      let s1 = load<f32>(before, 4)
      let s2 = load<f32>(before, 8)
      let s3 = load<f32>(before, 12)
      let s4 = load<f32>(before, 16)
      let s5 = load<f32>(before, 20)
      let s6 = load<f32>(before, 24)
      let s7 = load<f32>(before, 28)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = load<f32>(values + at)
          const from = columns + at * O
          s0 += v * load<f32>(from)
          s1 += v * load<f32>(from, 4)
          s2 += v * load<f32>(from, 8)
          s3 += v * load<f32>(from, 12)
          s4 += v * load<f32>(from, 16)
          s5 += v * load<f32>(from, 20)
          s6 += v * load<f32>(from, 24)
          s7 += v * load<f32>(from, 28)
        }
      }
      if (ky === K - 1) {
        s0 = snap(s0)
        s1 = snap(s1)
        s2 = snap(s2)
        s3 = snap(s3)
        s4 = snap(s4)
        s5 = snap(s5)
        s6 = snap(s6)
        s7 = snap(s7)
      }
      store<f32>(to, s0)
      store<f32>(to, s1, 4)
      store<f32>(to, s2, 8)
      store<f32>(to, s3, 12)
      store<f32>(to, s4, 16)
      store<f32>(to, s5, 20)
      store<f32>(to, s6, 24)
      store<f32>(to, s7, 28)
      to += pixel
    }
  }
}

// Output o of every pixel, row ky of the kernel, without SIMD.
function gather1(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let sum = load<f32>(before)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = load<f32>(values + at)
          const from = columns + at * O
          sum += v * load<f32>(from)
        }
      }
      store<f32>(to, ky === K - 1 ? snap(sum) : sum)
      to += pixel
    }
  }
}
