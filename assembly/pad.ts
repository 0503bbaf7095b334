// An image with the border of zeros that a convolution looks past its edges into.

/** Copies x[H,W,C] into the middle of to[H+K-1,W+K-1,C], whose border becomes +0. */
export function padImage(to: usize, x: usize, H: i32, W: i32, C: i32, K: i32): void {
  const border = (<usize>(((K - 1) >> 1) * C)) << 2 // bytes left and right of a row
  const row = (<usize>(W * C)) << 2
  const edge = <usize>((K - 1) >> 1) * (2 * border + row) // bytes above and below
  memory.fill(to, 0, edge)
  to += edge
  for (let h = 0; h < H; h++) {
    memory.fill(to, 0, border)
    memory.copy(to + border, x, row)
    memory.fill(to + border + row, 0, border)
    to += 2 * border + row
    x += row
  }
  memory.fill(to, 0, edge)
}
