// An image with a border of zeros, for convolutions. It has its own loops, because rows are so short that a call of memory.copy
// takes longer.

/** Copies x[H,W,C] into the middle of to[H+K-1,W+K-1,C], whose border becomes +0. */
export function padImage(to: usize, x: usize, H: i32, W: i32, C: i32, K: i32): void {
  const border = (<usize>(((K - 1) >> 1) * C)) << 2 // bytes left and right of a row
  const row = (<usize>(W * C)) << 2
  const edge = <usize>((K - 1) >> 1) * (2 * border + row) // bytes above and below
  clear(to, edge)
  to += edge
  for (let h = 0; h < H; h++) {
    clear(to, border)
    copy(to + border, x, row)
    clear(to + border + row, border)
    to += 2 * border + row
    x += row
  }
  clear(to, edge)
}

function clear(to: usize, size: usize): void {
  const end = to + size
  if (ASC_FEATURE_SIMD) {
    for (; to + 12 < end; to += 16) v128.store(to, i32x4.splat(0))
  }
  for (; to < end; to += 4) store<i32>(to, 0)
}

function copy(to: usize, from: usize, size: usize): void {
  const end = to + size
  if (ASC_FEATURE_SIMD) {
    for (; to + 12 < end; to += 16) {
      v128.store(to, v128.load(from))
      from += 16
    }
  }
  for (; to < end; to += 4) {
    store<i32>(to, load<i32>(from))
    from += 4
  }
}
