// Dropout with masks that are a function of counters, so that they are the same everywhere and need no storing.
// Twin: core/kernels/dropout.ts.

import { snap } from './snap'

const MULTIPLIER: u64 = 0xd256d193
const WEYL: u32 = 0x9e3779b9

/**
 * y = keep ? snap(x * scale) : 0 (Srivastava et al. 2014, scaled while training): keep is draw >= threshold, a draw one of
 * the 65,536 values of 16 bits of Philox2x32-10 (key, stream): value l of row n takes quarter l mod 4 of block
 * (row + n) ceil(L/4) + floor(l/4), a quarter being the low and high half of the first word, then of the second.
 * y[N,L], x[N,L]. threshold 0..65535, scale of what is kept; key, stream, row u32.
 * y may be x; overwrites. The same call on dy gives the gradient.
 * Within 1 rounding of exact.
 */
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
    for (let block = 0; block < blocks; block++) {
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

// Both words of a Philox2x32-10 block (Salmon et al. 2011), the first in the low half.
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
