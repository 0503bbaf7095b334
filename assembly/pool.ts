// Max-pooling over windows that touch but do not overlap. Twin: core/kernels/pool.ts. Lanes lie on channels.

import { storeLanes } from './snap'

/**
 * y[n,h,w,c] = the largest of x[n,h S..h S+S-1,w S..w S+S-1,c]; which[n,h,w,c] = its place in the window, row by row from 0.
 * y[N,H/S,W/S,C], which u8[N,H/S,W/S,C], x[N,H,W,C]; rows and columns that fill no window are left out.
 * Of equals the first; a NaN is taken only where it is the first.
 * No two may overlap; overwrites.
 * Exact.
 */
export function maxPoolForward(y: usize, which: usize, x: usize, N: i32, H: i32, W: i32, C: i32, S: i32): void {
  const height = H / S
  const width = W / S
  const pixel = (<usize>C) << 2
  const row = <usize>W * pixel
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < height; h++) {
      let window = x + <usize>(n * H + h * S) * row
      for (let w = 0; w < width; w++) {
        let c = 0
        if (ASC_FEATURE_SIMD) {
          for (; c < C - 3; c += 4) {
            const from = window + (c << 2)
            let best = v128.load(from)
            let place = i32x4.splat(0)
            let k = 0
            for (let dy = 0; dy < S; dy++) {
              let at = from + <usize>dy * row
              for (let dx = 0; dx < S; dx++) {
                const v = v128.load(at)
                const more = f32x4.gt(v, best)
                best = v128.bitselect(v, best, more)
                place = v128.bitselect(i32x4.splat(k), place, more)
                at += pixel
                k++
              }
            }
            v128.store(y + (c << 2), best)
            // the four places, a byte each
            const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(place, place), place)
            v128.store_lane<i32>(which + c, bytes, 0)
          }
        }
        for (; c < C; c++) {
          const from = window + (c << 2)
          let best = load<f32>(from)
          let place = 0
          let k = 0
          for (let dy = 0; dy < S; dy++) {
            let at = from + <usize>dy * row
            for (let dx = 0; dx < S; dx++) {
              const v = load<f32>(at)
              if (v > best) {
                best = v
                place = k
              }
              at += pixel
              k++
            }
          }
          store<f32>(y + (c << 2), best)
          store<u8>(which + c, place)
        }
        y += pixel
        which += C
        window += <usize>S * pixel
      }
    }
  }
}

/**
 * dx = dy at the places that were the largest, +0 elsewhere.
 * dx[N,H,W,C], dy[N,H/S,W/S,C], which u8[N,H/S,W/S,C].
 * No sums.
 * No two may overlap; overwrites.
 * Exact.
 */
export function maxPoolBackward(dx: usize, dy: usize, which: usize, N: i32, H: i32, W: i32, C: i32, S: i32): void {
  const height = H / S
  const width = W / S
  const pixel = (<usize>C) << 2
  const row = <usize>W * pixel
  if (height * S < H || width * S < W) memory.fill(dx, 0, <usize>(N * H) * row)
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < height; h++) {
      let window = dx + <usize>(n * H + h * S) * row
      for (let w = 0; w < width; w++) {
        for (let c = 0; c < C; c += 4) {
          const rest = C - c
          let k = 0
          for (let j = 0; j < S; j++) {
            let at = window + <usize>j * row + (c << 2)
            for (let i = 0; i < S; i++) {
              if (ASC_FEATURE_SIMD) {
                const places = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(which + c)))
                const here = v128.and(v128.load(dy + (c << 2)), i32x4.eq(places, i32x4.splat(k)))
                storeLanes(at, here, rest)
              } else {
                for (let l = 0; l < min(rest, 4); l++) {
                  const here = <i32>load<u8>(which + c + l) === k
                  store<f32>(at + (l << 2), here ? load<f32>(dy + ((c + l) << 2)) : 0)
                }
              }
              at += pixel
              k++
            }
          }
        }
        dy += pixel
        which += C
        window += <usize>S * pixel
      }
    }
  }
}
