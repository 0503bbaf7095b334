/** Twin of assembly/conv.ts: convolution with "same" borders, forward. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function convKernels(memory: ArrayBuffer): Pick<Kernels, 'convForward'> {
  const f = new Float32Array(memory)
  return {
    convForward(y, x, w, b, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < H; h++) {
          for (let v = 0; v < W; v++) {
            const to = (y >> 2) + ((n * H + h) * W + v) * O
            for (let o = 0; o < O; o++) f[to + o] = f[(b >> 2) + o]
            for (let row = Math.max(0, h - p); row <= h + p && row < H; row++) {
              for (let column = Math.max(0, v - p); column <= v + p && column < W; column++) {
                const from = (x >> 2) + ((n * H + row) * W + column) * I
                const tap = (row - h + p) * K + column - v + p
                for (let i = 0; i < I; i++) {
                  const value = f[from + i]
                  if (value === 0) continue
                  const weights = (w >> 2) + (tap * I + i) * O
                  for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(value * f[weights + o]))
                }
              }
            }
            for (let o = 0; o < O; o++) f[to + o] = snap(f[to + o])
          }
        }
      }
    },
  }
}
