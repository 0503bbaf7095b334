/** Twin of assembly/pool.ts: max-pooling over windows that touch but do not overlap. */

import type { Kernels } from '../kernels.ts'

export function poolKernels(memory: ArrayBuffer): Pick<Kernels, 'maxPoolForward' | 'maxPoolBackward'> {
  const f = new Float32Array(memory)
  const bytes = new Uint8Array(memory)
  return {
    maxPoolForward(y, which, x, N, H, W, C, S) {
      const [height, width] = [Math.floor(H / S), Math.floor(W / S)]
      let to = y >> 2
      let place = which
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < height; h++) {
          for (let w = 0; w < width; w++) {
            for (let c = 0; c < C; c++) {
              const window = (x >> 2) + ((n * H + h * S) * W + w * S) * C + c
              let best = f[window]
              let at = 0
              for (let k = 1; k < S * S; k++) {
                const value = f[window + (Math.floor(k / S) * W + (k % S)) * C]
                if (value > best) {
                  best = value
                  at = k
                }
              }
              f[to++] = best
              if (which !== 0) bytes[place++] = at
            }
          }
        }
      }
    },

    maxPoolBackward(dx, dy, which, N, H, W, C, S) {
      const [height, width] = [Math.floor(H / S), Math.floor(W / S)]
      f.fill(0, dx >> 2, (dx >> 2) + N * H * W * C)
      let from = dy >> 2
      let place = which
      for (let n = 0; n < N; n++) {
        for (let h = 0; h < height; h++) {
          for (let w = 0; w < width; w++) {
            for (let c = 0; c < C; c++) {
              const k = bytes[place++]
              const [row, column] = [h * S + Math.floor(k / S), w * S + (k % S)]
              f[(dx >> 2) + ((n * H + row) * W + column) * C + c] = f[from++]
            }
          }
        }
      }
    },
  }
}
