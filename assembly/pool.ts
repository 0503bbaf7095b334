// Max-pooling over windows that touch but do not overlap. Twin: core/kernels/pool.ts. Lanes lie on channels.

import { storeLanes } from './snap'

export function maxPoolForward(y: usize, which: usize, x: usize, N: i32, H: i32, W: i32, C: i32, S: i32): void {
  if (ASC_FEATURE_SIMD) {
    if (which === 0 && S === 2 && C % 4 === 0) {
      largestOfFour(y, x, N, H, W, C)
      return
    }
  }
  const height = H / S
  const width = W / S
  const pixel = (<usize>C) << 2
  const row = <usize>W * pixel
  const placed = which !== 0
  const places = placed ? C : 0
  const fours = placed && S === 2
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < height; h++) {
      let window = x + <usize>(n * H + h * S) * row
      for (let w = 0; w < width; w++) {
        let c = 0
        if (ASC_FEATURE_SIMD) {
          if (fours) {
            for (; c < C - 3; c += 4) placeOfFour(y + (c << 2), which + c, window + (c << 2), pixel, row)
          }
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
            // the four places become a byte each
            const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(place, place), place)
            if (placed) v128.store_lane<i32>(which + c, bytes, 0)
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
          if (placed) store<u8>(which + c, place)
        }
        y += pixel
        which += places
        window += <usize>S * pixel
      }
    }
  }
}

// Windows of 2x2 without places, channels by four.
function largestOfFour(y: usize, x: usize, N: i32, H: i32, W: i32, C: i32): void {
  const pixel = (<usize>C) << 2
  const row = <usize>W * pixel
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H / 2; h++) {
      let window = x + <usize>(n * H + 2 * h) * row
      for (let w = 0; w < W / 2; w++) {
        for (const end = window + pixel; window < end; window += 16) {
          const best = f32x4.pmax(f32x4.pmax(v128.load(window), v128.load(window + pixel)), v128.load(window + row))
          v128.store(y, f32x4.pmax(best, v128.load(window + row + pixel)))
          y += 16
        }
        window += pixel
      }
    }
  }
}

// Four channels of one window of 2x2: y[4], which u8[4]. x is at `window`, one pixel on, one row on, and both.
function placeOfFour(y: usize, which: usize, window: usize, pixel: usize, row: usize): void {
  const v0 = v128.load(window)
  const v1 = v128.load(window + pixel)
  const v2 = v128.load(window + row)
  const v3 = v128.load(window + row + pixel)
  // where the second, third or fourth value is larger than those before it, its mask becomes its place; the largest place counts
  const best1 = f32x4.pmax(v0, v1)
  const best2 = f32x4.pmax(best1, v2)
  const second = i32x4.shr_u(f32x4.gt(v1, v0), 31)
  const third = i32x4.shl(i32x4.shr_u(f32x4.gt(v2, best1), 31), 1)
  const fourth = i32x4.shr_u(f32x4.gt(v3, best2), 30)
  const place = i32x4.max_s(i32x4.max_s(second, third), fourth)
  v128.store(y, f32x4.pmax(best2, v3))
  v128.store_lane<i32>(which, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(place, place), place), 0)
}

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
        let c = 0
        if (ASC_FEATURE_SIMD) {
          if (S === 2) {
            for (; c < C - 3; c += 4) routeToFour(window + (c << 2), dy + (c << 2), which + c, pixel, row)
          }
        }
        for (; c < C; c += 4) {
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

// Four channels of one window of 2x2, by the places of placeOfFour. dx is at `window`, one pixel on, one row on, and both.
function routeToFour(window: usize, dy: usize, which: usize, pixel: usize, row: usize): void {
  const v = v128.load(dy)
  const zero = i32x4.splat(0)
  const place = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(which)))
  const place1 = i32x4.add(place, i32x4.splat(-1))
  const place2 = i32x4.add(place1, i32x4.splat(-1))
  const place3 = i32x4.add(place2, i32x4.splat(-1))
  v128.store(window, v128.and(v, i32x4.eq(place, zero)))
  v128.store(window + pixel, v128.and(v, i32x4.eq(place1, zero)))
  v128.store(window + row, v128.and(v, i32x4.eq(place2, zero)))
  v128.store(window + row + pixel, v128.and(v, i32x4.eq(place3, zero)))
}
