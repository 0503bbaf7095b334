/** Twin of assembly/conv-backward.ts: convolution, backward to inputs and to weights. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function convBackwardKernels(memory: ArrayBuffer): Pick<Kernels, 'convBackwardInput' | 'convBackwardWeight'> {
  const f = new Float32Array(memory)
  return {
    convBackwardInput(dx, dy, w, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < H; h++) {
          for (let v = 0; v < W; v++) {
            const to = (dx >> 2) + ((n * H + h) * W + v) * I
            f.fill(0, to, to + I)
            for (let row = Math.max(0, h - p); row <= h + p && row < H; row++) {
              for (let column = Math.max(0, v - p); column <= v + p && column < W; column++) {
                const from = (dy >> 2) + ((n * H + row) * W + column) * O
                const tap = (h + p - row) * K + v + p - column
                for (let o = 0; o < O; o++) {
                  const value = f[from + o]
                  if (value === 0) continue
                  const weights = (w >> 2) + tap * I * O + o
                  for (let i = 0; i < I; i++) f[to + i] = fround(f[to + i] + fround(value * f[weights + i * O]))
                }
              }
            }
            for (let i = 0; i < I; i++) f[to + i] = snap(f[to + i])
          }
        }
      }
    },

    convBackwardWeight(dw, db, x, dy, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let at = dy >> 2; at < (dy >> 2) + N * H * W * O; at += O) {
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[at + o])
      }
      // each value that may be zero meets the values around it: x meets dy if I is 1, else dy meets x
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
        for (let tap = 0; tap < K * K; tap++) {
          const [dh, dv] = [Math.floor(tap / K) - p, (tap % K) - p]
          if (I === 1) addPicture(pixel, h - dh, v - dv, tap)
          else addWindow(pixel, h + dh, v + dv, tap)
        }
      }

      function addWindow(pixel: number, row: number, column: number, tap: number): void {
        const from = (x >> 2) + (pixel + (row * W + column) - (Math.floor(pixel / W) % H) * W - (pixel % W)) * I
        const inside = row >= 0 && row < H && column >= 0 && column < W
        for (let o = 0; o < O; o++) {
          const gradient = f[(dy >> 2) + pixel * O + o]
          if (gradient === 0) continue
          for (let i = 0; i < I; i++) {
            const to = (dw >> 2) + (tap * I + i) * O + o
            f[to] = fround(f[to] + fround((inside ? f[from + i] : 0) * gradient))
          }
        }
      }

      function addPicture(pixel: number, row: number, column: number, tap: number): void {
        const value = f[(x >> 2) + pixel]
        if (value === 0) return
        const inside = row >= 0 && row < H && column >= 0 && column < W
        const from = (dy >> 2) + (pixel + (row * W + column) - (Math.floor(pixel / W) % H) * W - (pixel % W)) * O
        for (let o = 0; o < O; o++) {
          const to = (dw >> 2) + tap * O + o
          f[to] = fround(f[to] + fround(value * (inside ? f[from + o] : 0)))
        }
      }
    },
  }
}
