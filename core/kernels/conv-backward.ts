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
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
        const gradients = (dy >> 2) + pixel * O
        for (let tap = 0; tap < K * K; tap++) {
          const [row, column] = [h + Math.floor(tap / K) - p, v + (tap % K) - p]
          const inside = row >= 0 && row < H && column >= 0 && column < W
          const from = (x >> 2) + (pixel + (row - h) * W + column - v) * I
          for (let i = 0; i < I; i++) {
            const value = inside ? f[from + i] : 0
            if (I === 1 && value === 0) continue
            const to = (dw >> 2) + (tap * I + i) * O
            for (let o = 0; o < O; o++) {
              const gradient = f[gradients + o]
              if (I > 1 && gradient === 0) continue
              f[to + o] = fround(f[to + o] + fround(value * gradient))
            }
          }
        }
      }
    },
  }
}
