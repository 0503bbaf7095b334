/** Twin of assembly/optimizer.ts: the optimizers, over the flat parameter buffer. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function optimizerKernels(memory: ArrayBuffer): Pick<Kernels, 'sgd' | 'adam' | 'adadelta'> {
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

    adam(w, m, v, dw, rate, beta1, beta2, epsilon, decay, L) {
      const [r, b1, b2, e, d] = [rate, beta1, beta2, epsilon, decay].map(fround)
      const [take1, take2] = [fround(1 - b1), fround(1 - b2)]
      const [parameters, means, squares, gradients] = [w >> 2, m >> 2, v >> 2, dw >> 2]
      for (let i = 0; i < L; i++) {
        const g = snap(f[gradients + i])
        const mean = snap(fround(fround(b1 * f[means + i]) + fround(take1 * g)))
        const square = tiny(fround(fround(b2 * f[squares + i]) + fround(take2 * fround(g * g))))
        const step = fround(mean / fround(fround(Math.sqrt(square)) + e))
        const parameter = f[parameters + i]
        f[means + i] = mean
        f[squares + i] = square
        f[parameters + i] = snap(fround(fround(parameter - fround(d * parameter)) - fround(r * step)))
      }
    },

    adadelta(w, v, u, dw, rate, rho, epsilon, decay, L) {
      const [r, keep, e, d] = [rate, rho, epsilon, decay].map(fround)
      const take = fround(1 - keep)
      const [parameters, squares, steps, gradients] = [w >> 2, v >> 2, u >> 2, dw >> 2]
      for (let i = 0; i < L; i++) {
        const g = snap(f[gradients + i])
        const square = tiny(fround(fround(keep * f[squares + i]) + fround(take * fround(g * g))))
        const past = f[steps + i]
        const ratio = fround(fround(Math.sqrt(fround(past + e))) / fround(Math.sqrt(fround(square + e))))
        const step = snap(fround(ratio * g))
        const parameter = f[parameters + i]
        f[squares + i] = square
        f[steps + i] = tiny(fround(fround(keep * past) + fround(take * fround(step * step))))
        f[parameters + i] = snap(fround(fround(parameter - fround(d * parameter)) - fround(r * step)))
      }
    },
  }
}

// +0 if x < 2^-100, else x.
function tiny(x: number): number {
  return x < 2 ** -100 ? 0 : x
}
