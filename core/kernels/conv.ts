/** Twin of assembly/conv.ts: convolution with "same" borders, forward and backward to inputs. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function convKernels(memory: ArrayBuffer): Pick<Kernels, 'convForward' | 'convBackwardInput'> {
  const f = new Float32Array(memory)
  return {
    convForward(y, x, w, b, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < H; h++) {
          for (let v = 0; v < W; v++) {
            const to = (y >> 2) + ((n * H + h) * W + v) * O
            for (let o = 0; o < O; o++) f[to + o] = f[(b >> 2) + o]
            for (let ky = 0; ky < K; ky++) {
              for (let kx = 0; kx < K; kx++) {
                const [row, column] = [h + ky - p, v + kx - p]
                const inside = row >= 0 && row < H && column >= 0 && column < W
                const from = (x >> 2) + ((n * H + row) * W + column) * I
                for (let i = 0; i < I; i++) {
                  const value = inside ? f[from + i] : 0
                  const weights = (w >> 2) + ((ky * K + kx) * I + i) * O
                  for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(value * f[weights + o]))
                }
              }
            }
            for (let o = 0; o < O; o++) f[to + o] = snap(f[to + o])
          }
        }
      }
    },

    convBackwardInput(dx, dy, w, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < H; h++) {
          for (let v = 0; v < W; v++) {
            const to = (dx >> 2) + ((n * H + h) * W + v) * I
            for (let i = 0; i < I; i++) {
              let sum = 0
              for (let ky = K - 1; ky >= 0; ky--) {
                for (let kx = K - 1; kx >= 0; kx--) {
                  const [row, column] = [h - ky + p, v - kx + p]
                  const inside = row >= 0 && row < H && column >= 0 && column < W
                  const from = (dy >> 2) + ((n * H + row) * W + column) * O
                  const weights = (w >> 2) + ((ky * K + kx) * I + i) * O
                  for (let o = 0; o < O; o++) {
                    sum = fround(sum + fround((inside ? f[from + o] : 0) * f[weights + o]))
                  }
                }
              }
              f[to + i] = snap(sum)
            }
          }
        }
      }
    },
  }
}
