// The non-zero values of an image, row by row, so that convolutions walk only these. No twin: TypeScript tests each value.

// By mask of those of four values that are zero: the offsets in bytes of the others, ascending, and the size of a list of these.
const OFFSETS = memory.data(256, 16)
const SIZES = memory.data(16, 16)

if (ASC_FEATURE_SIMD) {
  for (let zeros = 0; zeros < 16; zeros++) {
    let size = 0
    for (let value = 0; value < 4; value++) {
      if (zeros & (1 << value)) continue
      store<i32>(OFFSETS + (zeros << 4) + size, value << 2)
      size += 4
    }
    store<u8>(SIZES + zeros, size)
  }
}

/**
 * Lists where x[H,W,C] is not zero. starts i32[H,W+1] = where the entries of each pixel begin, and where those of the row end.
 * Behind starts are the entries, i32, ascending: byte offsets from the start of the row. -0 is zero; NaN and subnormals are
 * not. Writes up to (H (W + 1) + H W C + 4) * 4 bytes.
 */
export function listRows(starts: usize, x: usize, H: i32, W: i32, C: i32): void {
  let next = starts + ((H * (W + 1)) << 2)
  const pixel = (<usize>C) << 2
  for (let h = 0; h < H; h++) {
    const row = x
    for (let w = 0; w < W; w++) {
      store<usize>(starts, next)
      starts += 4
      const end = x + pixel
      if (ASC_FEATURE_SIMD) {
        const zero = i32x4.splat(0)
        let place = i32x4.splat(x - row)
        for (; x + 12 < end; x += 16) {
          // Compared as integers: NEON treats subnormals as 0. Four entries are written, and kept as many as are not zero: no
          // branch can be mispredicted.
          const zeros: usize = i32x4.bitmask(i32x4.eq(i32x4.shl(v128.load(x), 1), zero))
          v128.store(next, i32x4.add(place, v128.load(OFFSETS + (zeros << 4))))
          next += load<u8>(SIZES + zeros)
          place = i32x4.add(place, i32x4.splat(16))
        }
      }
      for (; x < end; x += 4) {
        store<usize>(next, x - row)
        next += (<usize>(load<u32>(x) << 1 !== 0)) << 2
      }
    }
    store<usize>(starts, next)
    starts += 4
  }
}
