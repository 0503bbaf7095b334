// From the bytes of a digit image to what the first layer reads. Twin: core/kernels/input.ts.

// How many bits are set in a byte, and where, ascending: what comes behind them is 0.
const COUNTS = memory.data(256, 16)
const PLACES = memory.data(2048, 16)

if (ASC_FEATURE_SIMD) {
  for (let byte = 0; byte < 256; byte++) {
    let count = 0
    for (let bit = 0; bit < 8; bit++) {
      if (byte & (1 << bit)) store<u8>(PLACES + (byte << 3) + count++, bit)
    }
    store<u8>(COUNTS + byte, count)
  }
}

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
      const zero = i32x4.splat(0)
      for (; i < I - 15; i += 16) {
        const at = inputs + (i << 2)
        // narrowing saturates: what is not zero stays so
        const low = i16x8.narrow_i32x4_s(magnitudes(at), magnitudes(at + 16))
        const high = i16x8.narrow_i32x4_s(magnitudes(at + 32), magnitudes(at + 48))
        const mask = i8x16.bitmask(i8x16.ne(i8x16.narrow_i16x8_s(low, high), zero))
        // without asking whether there is any: strokes come and go as no processor can foresee
        next = list8(next, i, mask & 255)
        next = list8(next, i + 8, mask >> 8)
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

// Four values without their signs, as integers, doubled: NEON takes subnormal floats for 0.
function magnitudes(x: usize): v128 {
  return i32x4.shl(v128.load(x), 1)
}

// Writes the places of the bits of a mask from `first` on, and as many undefined ones as make eight: at most `first` are listed,
// so they stay inside the row. Returns where the next goes.
function list8(next: usize, first: i32, mask: i32): usize {
  const places = v128.load_ext<u8>(PLACES + (mask << 3))
  const start = i32x4.splat(first)
  v128.store(next, i32x4.add(start, i32x4.extend_low_i16x8_u(places)))
  v128.store(next, i32x4.add(start, i32x4.extend_high_i16x8_u(places)), 16)
  return next + ((<usize>load<u8>(COUNTS + mask)) << 2)
}
