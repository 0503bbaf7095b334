/** Twin of assembly/loss.ts: softmax with its cross-entropy, and the squared error. */

import type { Kernels } from '../kernels.ts'
import { exp1, log1 } from './polynomial.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function lossKernels(
  memory: ArrayBuffer,
): Pick<
  Kernels,
  'softmax' | 'softmaxCrossEntropy' | 'softmaxCrossEntropyBackward' | 'squaredError' | 'squaredErrorBackward'
> {
  const f = new Float32Array(memory)
  const bytes = new Uint8Array(memory)

  function maximum(x: number, C: number): number {
    let top = f[x]
    for (let c = 1; c < C; c++) top = Math.max(top, f[x + c])
    return top
  }

  // e = snap(exp(x - top)); returns its sum. Offsets here count f32, not bytes.
  function exponentials(e: number, x: number, top: number, C: number): number {
    const whole = C & ~3
    for (let c = 0; c < C; c++) f[e + c] = snap(exp1(fround(f[x + c] - top)))
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let c = 0; c < whole; c += 4) {
      s0 = fround(s0 + f[e + c])
      s1 = fround(s1 + f[e + c + 1])
      s2 = fround(s2 + f[e + c + 2])
      s3 = fround(s3 + f[e + c + 3])
    }
    let sum = fround(fround(s0 + s1) + fround(s2 + s3))
    for (let c = whole; c < C; c++) sum = fround(sum + f[e + c])
    return sum
  }

  function normalize(p: number, sum: number, C: number): void {
    for (let c = 0; c < C; c++) f[p + c] = snap(fround(f[p + c] / sum))
  }

  return {
    softmax(p, x, N, C) {
      for (let n = 0; n < N; n++) {
        const row = (p >> 2) + n * C
        const inputs = (x >> 2) + n * C
        normalize(row, exponentials(row, inputs, maximum(inputs, C), C), C)
      }
    },

    softmaxCrossEntropy(loss, p, x, label, N, C) {
      for (let n = 0; n < N; n++) {
        const row = (p >> 2) + n * C
        const inputs = (x >> 2) + n * C
        const top = maximum(inputs, C)
        const margin = fround(f[inputs + bytes[label + n]] - top)
        const sum = exponentials(row, inputs, top, C)
        normalize(row, sum, C)
        f[(loss >> 2) + n] = snap(fround(log1(sum) - margin))
      }
    },

    softmaxCrossEntropyBackward(dx, p, label, scale, N, C) {
      const factor = fround(scale)
      const to = dx >> 2
      f.copyWithin(to, p >> 2, (p >> 2) + N * C)
      for (let n = 0; n < N; n++) f[to + n * C + bytes[label + n]] -= 1
      for (let i = 0; i < N * C; i++) f[to + i] = snap(fround(f[to + i] * factor))
    },

    squaredError(loss, y, label, low, high, N, C) {
      const [off, on] = [fround(low), fround(high)]
      for (let n = 0; n < N; n++) {
        let sum = 0
        for (let c = 0; c < C; c++) {
          const d = snap(fround(f[(y >> 2) + n * C + c] - (c === bytes[label + n] ? on : off)))
          sum = fround(sum + fround(d * d))
        }
        f[(loss >> 2) + n] = snap(fround(sum * 0.5))
      }
    },

    squaredErrorBackward(dy, y, label, low, high, scale, N, C) {
      const [off, on, factor] = [fround(low), fround(high), fround(scale)]
      for (let n = 0; n < N; n++) {
        for (let c = 0; c < C; c++) {
          const d = snap(fround(f[(y >> 2) + n * C + c] - (c === bytes[label + n] ? on : off)))
          f[(dy >> 2) + n * C + c] = snap(fround(d * factor))
        }
      }
    },
  }
}
