/** Twin of assembly/activation.ts: the activations, element by element. */

import type { Kernels } from '../kernels.ts'
import { exp1 } from './polynomial.ts'
import { snap } from './snap.ts'

const { fround } = Math

/** Each has a kernel forward, of operands y, x, L, and one backward, of dx, dy, y, L. */
export const ACTIVATIONS = ['relu', 'sigmoid'] as const
export type Activation = (typeof ACTIVATIONS)[number]

export function activationKernels(
  memory: ArrayBuffer,
): Pick<Kernels, `${Activation}Forward` | `${Activation}Backward`> {
  const f = new Float32Array(memory)
  return {
    reluForward(y, x, L) {
      const [to, from] = [y >> 2, x >> 2]
      for (let i = 0; i < L; i++) f[to + i] = f[from + i] > 0 ? f[from + i] : 0
    },

    reluBackward(dx, dy, y, L) {
      const [to, from, outputs] = [dx >> 2, dy >> 2, y >> 2]
      for (let i = 0; i < L; i++) f[to + i] = f[outputs + i] > 0 ? f[from + i] : 0
    },

    sigmoidForward(y, x, L) {
      const [to, from] = [y >> 2, x >> 2]
      for (let i = 0; i < L; i++) f[to + i] = snap(fround(1 / fround(1 + exp1(-f[from + i]))))
    },

    sigmoidBackward(dx, dy, y, L) {
      const [to, from, outputs] = [dx >> 2, dy >> 2, y >> 2]
      for (let i = 0; i < L; i++) {
        const value = f[outputs + i]
        f[to + i] = snap(fround(f[from + i] * fround(value * fround(1 - value))))
      }
    },
  }
}
