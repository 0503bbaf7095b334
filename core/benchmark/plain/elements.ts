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

    // four references share each byte of the query
    distances(d, q, references, R, L) {
      let r = 0
      for (; r + 3 < R; r += 4) {
        const p0 = references + r * L
        const [p1, p2, p3] = [p0 + L, p0 + 2 * L, p0 + 3 * L]
        let s0 = 0
        let s1 = 0
        let s2 = 0
        let s3 = 0
        for (let l = 0; l < L; l++) {
          const byte = bytes[q + l]
          const d0 = byte - bytes[p0 + l]
          const d1 = byte - bytes[p1 + l]
          const d2 = byte - bytes[p2 + l]
          const d3 = byte - bytes[p3 + l]
          s0 = (s0 + Math.imul(d0, d0)) | 0
          s1 = (s1 + Math.imul(d1, d1)) | 0
          s2 = (s2 + Math.imul(d2, d2)) | 0
          s3 = (s3 + Math.imul(d3, d3)) | 0
        }
        const to = (d >> 2) + r
        integers[to] = s0
        integers[to + 1] = s1
        integers[to + 2] = s2
        integers[to + 3] = s3
      }
      for (; r < R; r++) {
        let sum = 0
        for (let l = 0; l < L; l++) {
          const difference = bytes[q + l] - bytes[references + r * L + l]
          sum = (sum + Math.imul(difference, difference)) | 0
        }
        integers[(d >> 2) + r] = sum
      }
    },
  }
}
