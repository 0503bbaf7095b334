// The convolution of images with several channels: each pixel gathers the values under the kernel that are not zero. Lanes lie
// on outputs. conv.ts calls it; the twin of conv.ts computes the same.

import { storeLanes } from './snap'
import { addProduct, Eight, Four, One, snapped, splat } from './tile'

/**
 * Computes one image, y[H,W,O] from x[H,W,I] and its lists (rows.ts), w[K,K,I,O] and b[O].
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
    for (; O - o >= 32; o += 32) gatherTile<v128, Eight>(y, x, w, b, starts, H, W, I, O, K, o)
    for (; o < O; o += 16) gatherTile<v128, Four>(y, x, w, b, starts, H, W, I, O, K, o)
  } else {
    for (; O - o >= 8; o += 8) gatherTile<f32, Eight>(y, x, w, b, starts, H, W, I, O, K, o)
    for (; o < O; o++) gatherTile<f32, One>(y, x, w, b, starts, H, W, I, O, K, o)
  }
}

// Computes a tile of the outputs of every pixel, from output o on. It takes one row of the kernel after the other, because the
// weights of one fit the first cache of a phone; between two rows y holds the sums so far. Where a tile of four vectors reaches
// past the last output, vectors wholly past it repeat the first.
function gatherTile<T, Tile>(
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
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  for (let ky = 0; ky < K; ky++) {
    const weights = w + ((ky * K * I * O + o) << 2)
    let to = y + (o << 2)
    for (let h = 0; h < H; h++) {
      const r = h + ky - p
      const inside = r >= 0 && r < H
      const pixels = starts + ((r * (W + 1)) << 2)
      const values = x + ((r * W * I) << 2)
      for (let c = 0; c < W; c++) {
        const before = ky === 0 ? b + (o << 2) : to
        let a0 = load<T>(before)
        let a1 = a0
        let a2 = a0
        let a3 = a0
        let a4 = a0
        let a5 = a0
        let a6 = a0
        let a7 = a0
        if (offsetof<Tile>() === 4) {
          a1 = load<T>(before + c1)
          a2 = load<T>(before + c2)
          a3 = load<T>(before + c3)
        } else if (offsetof<Tile>() > 4) {
          a1 = load<T>(before, sizeof<T>())
          a2 = load<T>(before, 2 * sizeof<T>())
          a3 = load<T>(before, 3 * sizeof<T>())
          a4 = load<T>(before, 4 * sizeof<T>())
          a5 = load<T>(before, 5 * sizeof<T>())
          a6 = load<T>(before, 6 * sizeof<T>())
          a7 = load<T>(before, 7 * sizeof<T>())
        }
        if (inside) {
          // an entry is the byte at = 4 (q I + i) of the row, channel i of pixel q, whose weights are those of column q - c + p
          const columns = weights - (((c - p) * I * O) << 2)
          const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
          for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
            const at = load<usize>(e)
            const v = splat<T>(values + at)
            const from = columns + at * O
            a0 = addProduct(a0, v, load<T>(from))
            if (offsetof<Tile>() === 4) {
              a1 = addProduct(a1, v, load<T>(from + c1))
              a2 = addProduct(a2, v, load<T>(from + c2))
              a3 = addProduct(a3, v, load<T>(from + c3))
            } else if (offsetof<Tile>() > 4) {
              a1 = addProduct(a1, v, load<T>(from, sizeof<T>()))
              a2 = addProduct(a2, v, load<T>(from, 2 * sizeof<T>()))
              a3 = addProduct(a3, v, load<T>(from, 3 * sizeof<T>()))
              a4 = addProduct(a4, v, load<T>(from, 4 * sizeof<T>()))
              a5 = addProduct(a5, v, load<T>(from, 5 * sizeof<T>()))
              a6 = addProduct(a6, v, load<T>(from, 6 * sizeof<T>()))
              a7 = addProduct(a7, v, load<T>(from, 7 * sizeof<T>()))
            }
          }
        }
        if (ky === K - 1) {
          a0 = snapped(a0)
          if (offsetof<Tile>() >= 4) {
            a1 = snapped(a1)
            a2 = snapped(a2)
            a3 = snapped(a3)
          }
          if (offsetof<Tile>() > 4) {
            a4 = snapped(a4)
            a5 = snapped(a5)
            a6 = snapped(a6)
            a7 = snapped(a7)
          }
        }
        if (offsetof<Tile>() === 4) {
          storeLanes(to, a0, rest)
          storeLanes(to + 16, a1, rest - 4)
          storeLanes(to + 32, a2, rest - 8)
          storeLanes(to + 48, a3, rest - 12)
        } else {
          store<T>(to, a0)
          if (offsetof<Tile>() > 4) {
            store<T>(to, a1, sizeof<T>())
            store<T>(to, a2, 2 * sizeof<T>())
            store<T>(to, a3, 3 * sizeof<T>())
            store<T>(to, a4, 4 * sizeof<T>())
            store<T>(to, a5, 5 * sizeof<T>())
            store<T>(to, a6, 6 * sizeof<T>())
            store<T>(to, a7, 7 * sizeof<T>())
          }
        }
        to += pixel
      }
    }
  }
}
