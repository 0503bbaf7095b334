// From the bytes of a digit image to what the first layer reads. Twin: core/kernels/input.ts.

/**
 * y = x * f32(1/255).
 * y[L], x u8[L].
 * Element by element; one rounding. No snap is needed: the smallest non-zero result is 0.0039.
 * y must not overlap x; overwrites.
 * Within 1 ulp of x / 255; exact at 0 and 255.
 */
export function inputFromBytes(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const scale = f32x4.splat(<f32>0.003921568859368563)
    for (; i < L - 7; i += 8) {
      const wide = v128.load_ext<u8>(x + i)
      const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide))
      const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide))
      v128.store(y + (i << 2), f32x4.mul(low, scale))
      v128.store(y + (i << 2) + 16, f32x4.mul(high, scale))
    }
  }
  for (; i < L; i++) store<f32>(y + (i << 2), <f32>load<u8>(x + i) * <f32>0.003921568859368563)
}

/**
 * The columns at which x is not zero, row by row: count, then ascending columns; what stands behind them in a row is undefined.
 * index i32[N,1+I], x[N,I].
 * No arithmetic.
 * index must not overlap x; overwrites.
 * Exact; NaN and subnormals count as non-zero, -0 as zero.
 */
export function sparseIndex(index: usize, x: usize, N: i32, I: i32): void {
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const inputs = x + ((n * I) << 2)
    let next = row + 4
    let i = 0
    if (ASC_FEATURE_SIMD) {
      for (; i < I - 15; i += 16) {
        const at = inputs + (i << 2)
        const low = i16x8.narrow_i32x4_s(nonZero(at), nonZero(at + 16))
        const high = i16x8.narrow_i32x4_s(nonZero(at + 32), nonZero(at + 48))
        let mask: usize = i8x16.bitmask(i8x16.narrow_i16x8_s(low, high))
        for (let j = i; mask !== 0; j += 4) {
          store<i32>(next, j)
          next += (mask & 1) << 2
          store<i32>(next, j + 1)
          next += (mask & 2) << 1
          store<i32>(next, j + 2)
          next += mask & 4
          store<i32>(next, j + 3)
          next += (mask & 8) >> 1
          mask >>= 4
        }
      }
    }
    for (; i < I; i++) {
      // always written, kept only where the input is not zero: no branch to mispredict
      store<i32>(next, i)
      next += (<usize>(load<f32>(inputs + (i << 2)) !== 0)) << 2
    }
    store<i32>(row, <i32>((next - row) >> 2) - 1)
  }
}

// All bits set in the lanes that are neither 0 nor -0. Compared as integers: NEON takes subnormals for 0.
function nonZero(x: usize): v128 {
  return i32x4.ne(i32x4.shl(v128.load(x), 1), i32x4.splat(0))
}
