/** Twin of assembly/conv-backward.ts: convolution, backward to weights. */

import type { Kernels } from '../kernels.ts'

const { fround } = Math

export function convBackwardKernels(memory: ArrayBuffer): Pick<Kernels, 'convBackwardWeight'> {
  const f = new Float32Array(memory)
  return {
    convBackwardWeight(dw, db, x, dy, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      for (let at = dy >> 2; at < (dy >> 2) + N * H * W * O; at += O) {
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[at + o])
      }
      for (let n = 0; n < N; n++) {
        for (let ky = 0; ky < K; ky++) {
          for (let kx = 0; kx < K; kx++) {
            for (let h = 0; h < H; h++) {
              for (let v = 0; v < W; v++) {
                const [row, column] = [h + ky - p, v + kx - p]
                const inside = row >= 0 && row < H && column >= 0 && column < W
                const from = (x >> 2) + ((n * H + row) * W + column) * I
                const gradients = (dy >> 2) + ((n * H + h) * W + v) * O
                for (let i = 0; i < I; i++) {
                  const value = inside ? f[from + i] : 0
                  const to = (dw >> 2) + ((ky * K + kx) * I + i) * O
                  for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(value * f[gradients + o]))
                }
              }
            }
          }
        }
      }
    },
  }
}
