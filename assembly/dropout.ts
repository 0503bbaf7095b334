// Dropout. Its masks are a function of counters, so they are the same everywhere and are not stored.
// Twin: core/kernels/dropout.ts.

import { snap, snap4 } from './snap'

const MULTIPLIER: u64 = 0xd256d193
const WEYL: u32 = 0x9e3779b9

export function dropout(
  y: usize,
  x: usize,
  threshold: i32,
  scale: f32,
  key: i32,
  stream: i32,
  row: i32,
  N: i32,
  L: i32,
): void {
  const blocks = (L + 3) >> 2
  for (let n = 0; n < N; n++) {
    let block = 0
    if (ASC_FEATURE_SIMD) {
      for (; block < (L >> 2) - 3; block += 4) {
        const at = (n * L + (block << 2)) << 2
        dropFour(y + at, x + at, threshold, scale, key, stream, (row + n) * blocks + block)
      }
    }
    for (; block < blocks; block++) {
      const draws = philoxBlock(key, stream, (row + n) * blocks + block)
      const from = block << 2
      const rest = min(L - from, 4)
      for (let k = 0; k < rest; k++) {
        const at = (n * L + from + k) << 2
        const draw = <i32>((draws >> ((<u64>k) << 4)) & 0xffff)
        store<f32>(y + at, draw >= threshold ? snap(load<f32>(x + at) * scale) : 0)
      }
    }
  }
}

// Computes sixteen values, whose draws are the four blocks from `counter` on.
function dropFour(y: usize, x: usize, threshold: i32, scale: f32, key: u32, stream: u32, counter: u32): void {
  const multiplier = i32x4.splat(<i32>MULTIPLIER)
  let left = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3))
  let right = i32x4.splat(stream)
  for (let round = 0; round < 10; round++) {
    const low = i64x2.extmul_low_i32x4_u(left, multiplier)
    const high = i64x2.extmul_high_i32x4_u(left, multiplier)
    left = v128.xor(v128.xor(v128.shuffle<i32>(low, high, 1, 3, 5, 7), i32x4.splat(key)), right)
    right = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
    key += WEYL
  }
  // the two words of a block, side by side, are its draws in order
  dropTwo(y, x, v128.shuffle<i32>(left, right, 0, 4, 1, 5), threshold, scale)
  dropTwo(y + 32, x + 32, v128.shuffle<i32>(left, right, 2, 6, 3, 7), threshold, scale)
}

// Computes eight values from their draws, u16.
function dropTwo(y: usize, x: usize, draws: v128, threshold: i32, scale: f32): void {
  const keep = i16x8.ge_u(draws, i16x8.splat(<i16>threshold))
  const scales = f32x4.splat(scale)
  const first = snap4(f32x4.mul(v128.load(x), scales))
  const second = snap4(f32x4.mul(v128.load(x, 16), scales))
  v128.store(y, v128.and(first, i32x4.extend_low_i16x8_s(keep)))
  v128.store(y, v128.and(second, i32x4.extend_high_i16x8_s(keep)), 16)
}

// Both words of a Philox2x32-10 block, the first in the low half.
function philoxBlock(key: u32, stream: u32, counter: u32): u64 {
  let left = counter
  let right = stream
  for (let round = 0; round < 10; round++) {
    const product = MULTIPLIER * left
    left = <u32>(product >> 32) ^ key ^ right
    right = <u32>product
    key += WEYL
  }
  return ((<u64>right) << 32) | left
}
