/** Twin of assembly/dropout.ts: dropout with masks that are a function of counters. */

import type { Kernels } from '../kernels.ts'
import { philoxBlock } from '../random.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function dropoutKernels(memory: ArrayBuffer): Pick<Kernels, 'dropout'> {
  const f = new Float32Array(memory)
  return {
    dropout(y, x, threshold, scale, key, stream, row, N, L) {
      const factor = fround(scale)
      const blocks = Math.ceil(L / 4)
      for (let n = 0; n < N; n++) {
        const [to, from] = [(y >> 2) + n * L, (x >> 2) + n * L]
        for (let block = 0; block < blocks; block++) {
          const words = philoxBlock(key, stream, (row + n) * blocks + block)
          for (let k = 0; k < 4 && 4 * block + k < L; k++) {
            const draw = (words[k >> 1] >>> (16 * (k & 1))) & 0xffff
            const l = 4 * block + k
            f[to + l] = draw >= threshold ? snap(fround(f[from + l] * factor)) : 0
          }
        }
      }
    },
  }
}
