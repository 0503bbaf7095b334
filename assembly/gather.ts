// The convolution of images with several channels: each pixel gathers the values under the kernel that are not zero. Lanes lie
// on outputs. conv.ts calls it; the twin of conv.ts computes the same.

import { storeLanes } from './snap'
import { addProduct, Eight, Four, Nine, One, Six, snapped, splat } from './tile'

/** Weights are read where they are. */
class Here {}

/** Weights of a tile and a row of the kernel lie together: those of 32 outputs anyway, others are moved into a panel first. */
class Together {
  a: i32
}

/**
 * Computes one image, y[H,W,O] from x[H,W,I] and its lists (rows.ts), w[K,K,I,O] and b[O]. The last H mod S rows and W mod S
 * columns of y are left as they are. panel: memory for K I 32 words.
 */
export function gather(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  panel: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  S: i32,
): void {
  let o = 0
  if (ASC_FEATURE_SIMD) {
    if (O === 24) {
      gatherTile<v128, Six, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, 0)
      o = O
    } else if (O === 36) {
      gatherTile<v128, Nine, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, 0)
      o = O
    } else if (O === 32 || O % 64 === 0) {
      // in rows of a multiple of 256 bytes, a tile's parts would compete for half of the first cache, or less
      for (; o < O; o += 32) gatherTile<v128, Eight, Together>(y, x, w, b, starts, panel, H, W, I, O, K, S, o)
    }
    for (; O - o >= 32; o += 32) gatherTile<v128, Eight, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, o)
    for (; o < O; o += 16) gatherTile<v128, Four, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, o)
  } else {
    for (; O - o >= 8; o += 8) gatherTile<f32, Eight, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, o)
    for (; o < O; o++) gatherTile<f32, One, Here>(y, x, w, b, starts, panel, H, W, I, O, K, S, o)
  }
}

// Computes a tile of the outputs of every pixel, from output o on. It takes one row of the kernel after the other, because the
// weights of one fit the first cache of a phone; between two rows y holds the sums so far. Where a tile of four vectors reaches
// past the last output, vectors wholly past it repeat the first.
function gatherTile<T, Tile, Place>(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  panel: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  S: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const stride = offsetof<Place>() ? 32 : O
  const height = H - (H % S)
  const width = W - (W % S)
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  for (let ky = 0; ky < K; ky++) {
    let weights = w + ((ky * K * I * O + o) << 2)
    if (offsetof<Place>() && O > 32) {
      moveEight(panel, weights, K * I, pixel)
      weights = panel
    }
    let to = y + (o << 2)
    for (let h = 0; h < height; h++) {
      const r = h + ky - p
      const inside = r >= 0 && r < H
      const pixels = starts + ((r * (W + 1)) << 2)
      const values = x + ((r * W * I) << 2)
      for (let c = 0; c < width; c++) {
        const before = ky === 0 ? b + (o << 2) : to
        let a0 = load<T>(before)
        let a1 = a0
        let a2 = a0
        let a3 = a0
        let a4 = a0
        let a5 = a0
        let a6 = a0
        let a7 = a0
        let a8 = a0
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
        }
        if (offsetof<Tile>() > 6) {
          a6 = load<T>(before, 6 * sizeof<T>())
          a7 = load<T>(before, 7 * sizeof<T>())
        }
        if (offsetof<Tile>() > 8) a8 = load<T>(before, 8 * sizeof<T>())
        if (inside) {
          // an entry is the byte at = 4 (q I + i) of the row, channel i of pixel q, whose weights are those of column q - c + p
          const columns = weights - (((c - p) * I * stride) << 2)
          const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
          for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
            const at = load<usize>(e)
            const v = splat<T>(values + at)
            const from = columns + at * stride
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
            }
            if (offsetof<Tile>() > 6) {
              a6 = addProduct(a6, v, load<T>(from, 6 * sizeof<T>()))
              a7 = addProduct(a7, v, load<T>(from, 7 * sizeof<T>()))
            }
            if (offsetof<Tile>() > 8) a8 = addProduct(a8, v, load<T>(from, 8 * sizeof<T>()))
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
          }
          if (offsetof<Tile>() > 6) {
            a6 = snapped(a6)
            a7 = snapped(a7)
          }
          if (offsetof<Tile>() > 8) a8 = snapped(a8)
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
          }
          if (offsetof<Tile>() > 6) {
            store<T>(to, a6, 6 * sizeof<T>())
            store<T>(to, a7, 7 * sizeof<T>())
          }
          if (offsetof<Tile>() > 8) store<T>(to, a8, 8 * sizeof<T>())
        }
        to += pixel
      }
      to += <usize>(W - width) * pixel
    }
  }
}

// Moves eight vectors of each of `count` rows, `stride` bytes apart, together.
function moveEight(to: usize, from: usize, count: i32, stride: usize): void {
  for (const end = to + ((<usize>count) << 7); to < end; to += 128) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    v128.store(to, v128.load(from, 32), 32)
    v128.store(to, v128.load(from, 48), 48)
    v128.store(to, v128.load(from, 64), 64)
    v128.store(to, v128.load(from, 80), 80)
    v128.store(to, v128.load(from, 96), 96)
    v128.store(to, v128.load(from, 112), 112)
    from += stride
  }
}
