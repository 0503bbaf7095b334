/** Twin of assembly/conv.ts: convolution with "same" borders, forward. Of each pixel the values around it that are not zero are listed. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function convKernels(memory: ArrayBuffer): Pick<Kernels, 'convForward'> {
  const f = new Float32Array(memory)
  let values = new Float32Array(1024)
  let weights = new Int32Array(1024) // of each value, where its weights begin

  // Lists what is around a pixel of an image at `x`. Returns how many there are.
  function list(
    x: number,
    w: number,
    h: number,
    v: number,
    H: number,
    W: number,
    I: number,
    O: number,
    K: number,
  ): number {
    const p = (K - 1) / 2
    let length = 0
    for (let row = Math.max(0, h - p); row <= h + p && row < H; row++) {
      for (let column = Math.max(0, v - p); column <= v + p && column < W; column++) {
        const from = x + (row * W + column) * I
        let at = w + ((row - h + p) * K + column - v + p) * I * O
        for (let i = 0; i < I; i++, at += O) {
          const value = f[from + i]
          if (value === 0) continue
          values[length] = value
          weights[length++] = at
        }
      }
    }
    return length
  }

  return {
    convForward(y, x, w, b, _scratch, N, H, W, I, O, K, S) {
      if (values.length < K * K * I) {
        values = new Float32Array(K * K * I)
        weights = new Int32Array(K * K * I)
      }
      const biases = b >> 2
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const line = Math.floor(pixel / W)
        if (line % H >= H - (H % S) || pixel % W >= W - (W % S)) continue
        const image = (x >> 2) + Math.floor(line / H) * H * W * I
        const length = list(image, w >> 2, line % H, pixel % W, H, W, I, O, K)
        const to = (y >> 2) + pixel * O
        let o = 0
        for (; o < O - 3; o += 4) {
          let s0 = f[biases + o]
          let s1 = f[biases + o + 1]
          let s2 = f[biases + o + 2]
          let s3 = f[biases + o + 3]
          for (let k = 0; k < length; k++) {
            const value = values[k]
            const at = weights[k] + o
            s0 = fround(s0 + fround(value * f[at]))
            s1 = fround(s1 + fround(value * f[at + 1]))
            s2 = fround(s2 + fround(value * f[at + 2]))
            s3 = fround(s3 + fround(value * f[at + 3]))
          }
          f[to + o] = snap(s0)
          f[to + o + 1] = snap(s1)
          f[to + o + 2] = snap(s2)
          f[to + o + 3] = snap(s3)
        }
        for (; o < O; o++) {
          let sum = f[biases + o]
          for (let k = 0; k < length; k++) sum = fround(sum + fround(values[k] * f[weights[k] + o]))
          f[to + o] = snap(sum)
        }
      }
    },
  }
}
