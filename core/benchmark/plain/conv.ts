/**
 * Convolution in plain JavaScript, forward and backward: of each pixel a list of the values around it that are not zero, weights and
 * sums in double. Lists for panels are in front of the rows that they pick.
 */

import type { Kernels } from '../../kernels.ts'
import { addPanels } from './panel.ts'
import { addRows, PASS } from './pass.ts'
import { createScratch } from './scratch.ts'

type Shape = readonly [N: number, H: number, W: number, I: number, O: number, K: number]

export function plainConv(
  memory: ArrayBuffer,
): Pick<Kernels, 'convForward' | 'convBackwardInput' | 'convBackwardWeight'> {
  const f = new Float32Array(memory)
  const [packed, listed, bordered] = [createScratch(), createScratch(), createScratch()]

  // y = what y holds from `start` + x * w, "same" borders; `weights` are those of `pack`, `bias` is where b is or -1 for none.
  // Of each image H mod S rows and W mod S columns are left out.
  function convolve(y: number, x: number, weights: Float64Array, bias: number, [N, H, W, I, O, K]: Shape, S = 1): void {
    const [p, front] = [(K - 1) / 2, K * K * I]
    const offsets = listed.integers(front)
    for (let pixel = 0; pixel < N * H * W; pixel++) {
      const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
      if (h >= H - (H % S) || v >= W - (W % S)) continue
      const [left, right] = [Math.max(0, v - p), Math.min(W - 1, v + p)]
      let length = 0
      for (let r = Math.max(0, h - p); r <= h + p && r < H; r++) {
        // the values of a line of the window lie in one piece, and so do their weights
        const from = x + (pixel + (r - h) * W + left - v) * I
        const count = (right - left + 1) * I
        let at = front + ((r - h + p) * K + left - v + p) * I * O
        for (let i = 0; i < count; i++, at += O) {
          const value = f[(from + i) | 0]
          if (value === 0) continue
          weights[length] = value
          offsets[length++] = at
        }
      }
      addPanels(f, y + pixel * O, bias < 0 ? y + pixel * O : bias, weights, offsets, length, O)
    }
  }

  // Room for a list, and weights [taps, I, O] as doubles; in reverse order of taps and with I and O exchanged if `turned`.
  function pack(w: number, taps: number, I: number, O: number, turned: boolean): Float64Array {
    const front = taps * (turned ? O : I)
    const weights = packed.doubles(front + taps * I * O)
    if (turned) {
      let to = front
      for (let tap = taps - 1; tap >= 0; tap--) {
        for (let o = 0; o < O; o++) for (let i = 0; i < I; i++) weights[to++] = f[w + (tap * I + i) * O + o]
      }
    } else for (let i = 0; i < taps * I * O; i++) weights[front + i] = f[w + i]
    return weights
  }

  // Of one input channel: what a pixel's gradients make at each tap is added to the pixels around it.
  function scatter(dx: number, dy: number, w: number, [N, H, W, , O, K]: Shape): void {
    const [p, taps] = [(K - 1) / 2, K * K]
    const weights = packed.doubles(O + O * taps)
    for (let tap = 0; tap < taps; tap++) for (let o = 0; o < O; o++) weights[O + o * taps + tap] = f[w + tap * O + o]
    const offsets = listed.integers(O)
    const sums = new Float32Array(2 * taps) // the first half are zeros
    for (let pixel = 0; pixel < N * H * W; pixel++) {
      let length = 0
      for (let o = 0; o < O; o++) {
        const value = f[(dy + pixel * O + o) | 0]
        if (value === 0) continue
        weights[length] = value
        offsets[length++] = O + o * taps
      }
      if (length === 0) continue
      addPanels(sums, taps, 0, weights, offsets, length, taps)
      const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
      for (let r = Math.max(0, p - h); r < Math.min(K, H + p - h); r++) {
        for (let c = Math.max(0, p - v); c < Math.min(K, W + p - v); c++) {
          f[dx + pixel + (r - p) * W + c - p] += sums[taps + r * K + c]
        }
      }
    }
  }

  // Of each output the gradients that are not zero meet the windows of the image with its border. A line of a window lies in one piece.
  function addWindows(dw: number, db: number, x: number, dy: number, [N, H, W, I, O, K]: Shape): void {
    const [p, front] = [(K - 1) / 2, N * H * W]
    const [line, image] = [(W + 2 * p) * I, (W + 2 * p) * (H + 2 * p) * I]
    const windows = bordered.doubles(front + N * image)
    windows.fill(0, front, front + N * image)
    for (let n = 0; n < N; n++) {
      for (let h = 0; h < H; h++) {
        const [to, from] = [front + n * image + (h + p) * line + p * I, x + (n * H + h) * W * I]
        for (let i = 0; i < W * I; i++) windows[to + i] = f[from + i]
      }
    }
    const offsets = listed.integers(front)
    const sums = new Float32Array(2 * K * I) // the first half are zeros
    for (let o = 0; o < O; o++) {
      let length = 0
      let sum = f[db + o]
      for (let pixel = 0; pixel < front; pixel++) {
        const value = f[(dy + pixel * O + o) | 0]
        if (value === 0) continue
        sum += value
        const row = Math.floor(pixel / W)
        windows[length] = value
        offsets[length++] = front + Math.floor(row / H) * image + (row % H) * line + (pixel % W) * I
      }
      f[db + o] = sum
      for (let r = 0; r < K; r++) {
        addPanels(sums, K * I, 0, windows, offsets, length, K * I)
        for (let i = 0; i < K * I; i++) f[dw + (r * K * I + i) * O + o] += sums[K * I + i]
        for (let k = 0; k < length; k++) offsets[k] += line
      }
    }
  }

  // Where pixels have one value, those that are not zero meet the gradients around them.
  function addPictures(dw: number, db: number, x: number, dy: number, [N, H, W, , O, K]: Shape): void {
    for (let at = dy; at < dy + N * H * W * O; at += O) for (let o = 0; o < O; o++) f[db + o] += f[at + o]
    const p = (K - 1) / 2
    const acc = bordered.doubles(O)
    const values = packed.doubles(N * H * W + PASS)
    const offsets = listed.integers(N * H * W + PASS)
    for (let tap = 0; tap < K * K; tap++) {
      const [dh, dv] = [Math.floor(tap / K) - p, (tap % K) - p]
      let length = 0
      for (let n = 0; n < N; n++) {
        for (let h = Math.max(0, -dh); h < Math.min(H, H - dh); h++) {
          const [from, to] = [x + (n * H + h + dh) * W + dv, dy + (n * H + h) * W * O]
          for (let v = Math.max(0, -dv); v < Math.min(W, W - dv); v++) {
            const value = f[(from + v) | 0]
            if (value === 0) continue
            values[length] = value
            offsets[length++] = to + v * O
          }
        }
      }
      for (; length % PASS > 0; length++) {
        values[length] = 0
        offsets[length] = dy
      }
      for (let o = 0; o < O; o++) acc[o] = f[dw + tap * O + o]
      addRows(acc, f, values, offsets, length, O)
      for (let o = 0; o < O; o++) f[dw + tap * O + o] = acc[o]
    }
  }

  return {
    convForward(y, x, w, b, _scratch, N, H, W, I, O, K, S) {
      convolve(y >> 2, x >> 2, pack(w >> 2, K * K, I, O, false), b >> 2, [N, H, W, I, O, K], S)
    },

    convBackwardInput(dx, dy, w, _scratch, N, H, W, I, O, K) {
      f.fill(0, dx >> 2, (dx >> 2) + N * H * W * I)
      if (I === 1) scatter(dx >> 2, dy >> 2, w >> 2, [N, H, W, I, O, K])
      else convolve(dx >> 2, dy >> 2, pack(w >> 2, K * K, I, O, true), -1, [N, H, W, O, I, K])
    },

    convBackwardWeight(dw, db, x, dy, _scratch, N, H, W, I, O, K) {
      const add = I === 1 ? addPictures : addWindows
      add(dw >> 2, db >> 2, x >> 2, dy >> 2, [N, H, W, I, O, K])
    },
  }
}
