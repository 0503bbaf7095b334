/** Softmax, optimisers and distances in plain JavaScript: the numbers of the language, without rounding each step to f32. */

import type { Kernels } from '../../kernels.ts'

type Elements = Pick<
  Kernels,
  'softmax' | 'softmaxCrossEntropy' | 'softmaxCrossEntropyBackward' | 'sgd' | 'adam' | 'adadelta' | 'distances'
>

export function plainElements(memory: ArrayBuffer): Elements {
  const f = new Float32Array(memory)
  const bytes = new Uint8Array(memory)
  const integers = new Int32Array(memory)

  // p = the softmax of x; returns the logarithm of the sum, and what was taken from x
  function softmaxRow(p: number, x: number, C: number): number {
    let top = f[x]
    for (let c = 1; c < C; c++) if (f[x + c] > top) top = f[x + c]
    let sum = 0
    for (let c = 0; c < C; c++) {
      const e = Math.exp(f[x + c] - top)
      f[p + c] = e
      sum += e
    }
    const factor = 1 / sum
    for (let c = 0; c < C; c++) f[p + c] *= factor
    return top + Math.log(sum)
  }

  return {
    softmax(p, x, N, C) {
      for (let n = 0; n < N; n++) softmaxRow((p >> 2) + n * C, (x >> 2) + n * C, C)
    },

    softmaxCrossEntropy(loss, p, x, label, N, C) {
      for (let n = 0; n < N; n++) {
        const inputs = (x >> 2) + n * C
        const own = f[inputs + bytes[label + n]] // p may be x
        f[(loss >> 2) + n] = softmaxRow((p >> 2) + n * C, inputs, C) - own
      }
    },

    softmaxCrossEntropyBackward(dx, p, label, scale, N, C) {
      const [to, from] = [dx >> 2, p >> 2]
      for (let i = 0; i < N * C; i++) f[to + i] = f[from + i] * scale
      for (let n = 0; n < N; n++) f[to + n * C + bytes[label + n]] -= scale
    },

    sgd(w, v, dw, rate, momentum, decay, L) {
      const [parameters, velocities, gradients] = [w >> 2, v >> 2, dw >> 2]
      for (let i = 0; i < L; i++) {
        const velocity = momentum * f[velocities + i] + f[gradients + i] + decay * f[parameters + i]
        f[velocities + i] = velocity
        f[parameters + i] -= rate * velocity
      }
    },

    adam(w, m, v, dw, rate, beta1, beta2, epsilon, decay, L) {
      const [parameters, means, squares, gradients] = [w >> 2, m >> 2, v >> 2, dw >> 2]
      const [take1, take2, keep] = [1 - beta1, 1 - beta2, 1 - decay]
      for (let i = 0; i < L; i++) {
        const g = f[gradients + i]
        const mean = beta1 * f[means + i] + take1 * g
        const square = beta2 * f[squares + i] + take2 * g * g
        f[means + i] = mean
        f[squares + i] = square
        f[parameters + i] = f[parameters + i] * keep - (rate * mean) / (Math.sqrt(square) + epsilon)
      }
    },

    adadelta(w, v, u, dw, rate, rho, epsilon, decay, L) {
      const [parameters, squares, steps, gradients] = [w >> 2, v >> 2, u >> 2, dw >> 2]
      const [take, keep] = [1 - rho, 1 - decay]
      for (let i = 0; i < L; i++) {
        const g = f[gradients + i]
        const square = rho * f[squares + i] + take * g * g
        const past = f[steps + i]
        const step = Math.sqrt((past + epsilon) / (square + epsilon)) * g
        f[squares + i] = square
        f[steps + i] = rho * past + take * step * step
        f[parameters + i] = f[parameters + i] * keep - rate * step
      }
    },

    // Four bytes in one load where that is possible, and two references share the query.
    distances(d, q, references, R, L) {
      const to = d >> 2
      const words = ((q | references | L) & 3) === 0
      const pairs = words ? R - (R % 2) : 0
      for (let r = 0; r < pairs; r += 2) {
        const [first, p0] = [q >> 2, (references + r * L) >> 2]
        const p1 = p0 + (L >> 2)
        let s0 = 0
        let s1 = 0
        for (let l = 0; l < L >> 2; l++) {
          const word = integers[(first + l) | 0]
          const word0 = integers[(p0 + l) | 0]
          const word1 = integers[(p1 + l) | 0]
          const [b0, b1, b2, b3] = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]
          s0 = (s0 + square(b0, word0 & 255)) | 0
          s1 = (s1 + square(b0, word1 & 255)) | 0
          s0 = (s0 + square(b1, (word0 >>> 8) & 255)) | 0
          s1 = (s1 + square(b1, (word1 >>> 8) & 255)) | 0
          s0 = (s0 + square(b2, (word0 >>> 16) & 255)) | 0
          s1 = (s1 + square(b2, (word1 >>> 16) & 255)) | 0
          s0 = (s0 + square(b3, word0 >>> 24)) | 0
          s1 = (s1 + square(b3, word1 >>> 24)) | 0
        }
        integers[to + r] = s0
        integers[to + r + 1] = s1
      }
      for (let r = pairs; r < R; r++) {
        let sum = 0
        for (let l = 0; l < L; l++) sum = (sum + square(bytes[q + l], bytes[references + r * L + l])) | 0
        integers[to + r] = sum
      }
    },
  }
}

function square(a: number, b: number): number {
  const difference = (a - b) | 0
  return Math.imul(difference, difference)
}
