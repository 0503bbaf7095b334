/** Twin of assembly/input.ts: from the bytes of an image to the inputs of the first layer and their index. */

import type { Kernels } from '../kernels.ts'

const { fround } = Math
const SCALE = fround(1 / 255)

export function inputKernels(memory: ArrayBuffer): Pick<Kernels, 'inputFromBytes' | 'sparseIndex' | 'sparseFromBytes'> {
  const f = new Float32Array(memory)
  const bytes = new Uint8Array(memory)
  const integers = new Int32Array(memory)
  return {
    inputFromBytes(y, x, L) {
      const to = y >> 2
      for (let i = 0; i < L; i++) f[to + i] = bytes[x + i] * SCALE
    },

    sparseIndex(index, x, N, I) {
      for (let n = 0; n < N; n++) {
        const row = (index >> 2) + n * (I + 1)
        const inputs = (x >> 2) + n * I
        let count = 0
        for (let i = 0; i < I; i++) if (f[inputs + i] !== 0) integers[row + ++count] = i
        integers[row] = count
      }
    },

    sparseFromBytes(y, index, x, N, I) {
      for (let n = 0; n < N; n++) {
        const row = (index >> 2) + n * (I + 1)
        const [from, to] = [x + n * I, (y >> 2) + n * I]
        let count = 0
        for (let i = 0; i < I; i++) {
          const byte = bytes[from + i]
          f[to + i] = byte * SCALE
          if (byte !== 0) integers[row + ++count] = i
        }
        integers[row] = count
      }
    },
  }
}
