/** Twin of assembly/optimizer.ts: the optimizers, over the flat parameter buffer. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function optimizerKernels(memory: ArrayBuffer): Pick<Kernels, 'sgd'> {
  const f = new Float32Array(memory)
  return {
    sgd(w, v, dw, rate, momentum, decay, L) {
      const [r, m, d] = [fround(rate), fround(momentum), fround(decay)]
      const [parameters, velocities, gradients] = [w >> 2, v >> 2, dw >> 2]
      for (let i = 0; i < L; i++) {
        const parameter = f[parameters + i]
        const g = fround(snap(f[gradients + i]) + fround(d * parameter))
        const velocity = snap(fround(fround(m * f[velocities + i]) + g))
        f[velocities + i] = velocity
        f[parameters + i] = snap(fround(parameter - fround(r * velocity)))
      }
    },
  }
}
