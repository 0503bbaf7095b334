// The non-zero values of an image, row by row, so that convolutions walk only these. No twin: TypeScript tests each value.

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
        for (; x + 12 < end; x += 16) {
          // Compared as integers: NEON treats subnormals as 0. Every entry of a group with any is written, and kept only if its
          // value is not zero: no branch can be mispredicted.
          const mask: usize = i32x4.bitmask(i32x4.ne(i32x4.shl(v128.load(x), 1), i32x4.splat(0)))
          if (mask === 0) continue
          const at = x - row
          store<usize>(next, at)
          next += (mask & 1) << 2
          store<usize>(next, at + 4)
          next += (mask & 2) << 1
          store<usize>(next, at + 8)
          next += mask & 4
          store<usize>(next, at + 12)
          next += (mask & 8) >> 1
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
