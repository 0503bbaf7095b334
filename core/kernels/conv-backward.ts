/** Twin of assembly/conv-backward.ts: convolution, backward to inputs and to weights. Values that are not zero are listed first. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function convBackwardKernels(memory: ArrayBuffer): Pick<Kernels, 'convBackwardInput' | 'convBackwardWeight'> {
  const f = new Float32Array(memory)
  let values = new Float32Array(1024)
  let places = new Int32Array(1024) // of each value, where what it meets begins
  let bordered = new Float32Array(1024) // images with their borders

  function reserve(listed: number, images: number): void {
    if (values.length < listed) {
      values = new Float32Array(listed)
      places = new Int32Array(listed)
    }
    if (bordered.length < images) bordered = new Float32Array(images)
  }

  // Copies images of C channels, each with a border of p pixels.
  function addBorder(from: number, N: number, H: number, W: number, C: number, p: number): void {
    const row = (W + 2 * p) * C
    bordered.fill(0, 0, N * (H + 2 * p) * row)
    for (let line = 0; line < N * H; line++) {
      const to = (line + p + Math.floor(line / H) * 2 * p) * row + p * C
      bordered.set(f.subarray(from + line * W * C, from + (line + 1) * W * C), to)
    }
  }

  // f[to + k step] += the sums of the listed values with bordered[places + k], for k below `count`
  function addListed(to: number, step: number, count: number, from: number, length: number): void {
    let i = 0
    for (; i < count - 3; i += 4) {
      const at = to + i * step
      let s0 = f[at]
      let s1 = f[at + step]
      let s2 = f[at + 2 * step]
      let s3 = f[at + 3 * step]
      for (let k = 0; k < length; k++) {
        const value = values[k]
        const place = from + places[k] + i
        s0 = fround(s0 + fround(value * bordered[place]))
        s1 = fround(s1 + fround(value * bordered[place + 1]))
        s2 = fround(s2 + fround(value * bordered[place + 2]))
        s3 = fround(s3 + fround(value * bordered[place + 3]))
      }
      f[at] = s0
      f[at + step] = s1
      f[at + 2 * step] = s2
      f[at + 3 * step] = s3
    }
    for (; i < count; i++) {
      let sum = f[to + i * step]
      for (let k = 0; k < length; k++) sum = fround(sum + fround(values[k] * bordered[from + places[k] + i]))
      f[to + i * step] = sum
    }
  }

  return {
    convBackwardInput(dx, dy, w, _scratch, N, H, W, I, O, K) {
      const p = (K - 1) / 2
      reserve(K * K * O, 0)
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
        let length = 0
        for (let row = Math.max(0, h - p); row <= h + p && row < H; row++) {
          for (let column = Math.max(0, v - p); column <= v + p && column < W; column++) {
            const from = (dy >> 2) + (pixel + (row - h) * W + column - v) * O
            const weights = (w >> 2) + ((h + p - row) * K + v + p - column) * I * O
            for (let o = 0; o < O; o++) {
              const value = f[from + o]
              if (value === 0) continue
              values[length] = value
              places[length++] = weights + o
            }
          }
        }
        const to = (dx >> 2) + pixel * I
        let i = 0
        for (; i < I - 3; i += 4) {
          let s0 = 0
          let s1 = 0
          let s2 = 0
          let s3 = 0
          for (let k = 0; k < length; k++) {
            const value = values[k]
            const at = places[k] + i * O
            s0 = fround(s0 + fround(value * f[at]))
            s1 = fround(s1 + fround(value * f[at + O]))
            s2 = fround(s2 + fround(value * f[at + 2 * O]))
            s3 = fround(s3 + fround(value * f[at + 3 * O]))
          }
          f[to + i] = snap(s0)
          f[to + i + 1] = snap(s1)
          f[to + i + 2] = snap(s2)
          f[to + i + 3] = snap(s3)
        }
        for (; i < I; i++) {
          let sum = 0
          for (let k = 0; k < length; k++) sum = fround(sum + fround(values[k] * f[places[k] + i * O]))
          f[to + i] = snap(sum)
        }
      }
    },

    // each value that may be zero meets the values around it: x meets dy if I is 1, else dy meets x
    convBackwardWeight(dw, db, x, dy, _scratch, N, H, W, I, O, K) {
      const [p, biases, gradients] = [(K - 1) / 2, db >> 2, dy >> 2]
      for (let at = gradients; at < gradients + N * H * W * O; at += O) {
        for (let o = 0; o < O; o++) f[biases + o] = fround(f[biases + o] + f[at + o])
      }
      const channels = I === 1 ? O : I // of what is met
      const row = (W + 2 * p) * channels
      reserve(N * H * W, N * (H + 2 * p) * row)
      addBorder(I === 1 ? gradients : x >> 2, N, H, W, channels, p)

      // of the pixels with this value, where the window around them begins
      function list(from: number, step: number): number {
        let length = 0
        for (let pixel = 0; pixel < N * H * W; pixel++) {
          const value = f[from + pixel * step]
          if (value === 0) continue
          const line = Math.floor(pixel / W)
          values[length] = value
          places[length++] = (line + Math.floor(line / H) * 2 * p) * row + (pixel % W) * channels
        }
        return length
      }

      if (I === 1) {
        const length = list(x >> 2, 1)
        for (let tap = 0; tap < K * K; tap++) {
          const from = (2 * p - Math.floor(tap / K)) * row + (2 * p - (tap % K)) * O
          addListed((dw >> 2) + tap * O, 1, O, from, length)
        }
        return
      }
      for (let o = 0; o < O; o++) {
        const length = list(gradients + o, O)
        for (let r = 0; r < K; r++) addListed((dw >> 2) + r * K * I * O + o, O, K * I, r * row, length)
      }
    },
  }
}
