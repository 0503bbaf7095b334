/**
 * Convolution in plain JavaScript, forward and backward: of each pixel a list of the values around it that are not zero, eight outputs
 * at a time in variables, weights and sums in double.
 */

import type { Kernels } from '../../kernels.ts'
import { createScratch } from './scratch.ts'

/** Outputs of a panel of weights: their sums stay in variables. */
const WIDTH = 8

export function plainConv(
  memory: ArrayBuffer,
): Pick<Kernels, 'convForward' | 'convBackwardInput' | 'convBackwardWeight'> {
  const f = new Float32Array(memory)
  const [packed, listed, gradients, sums] = [createScratch(), createScratch(), createScratch(), createScratch()]

  /**
   * y = b + x * w, "same" borders.
   * @param panels weights [ceil(O/8), K, K, I, 8]
   * @param biases offset of b, -1 for none
   */
  function convolve(
    y: number,
    x: number,
    panels: Float64Array,
    biases: number,
    [N, H, W, I, O, K]: readonly [number, number, number, number, number, number],
  ): void {
    const p = (K - 1) / 2
    const values = listed.doubles(K * K * I)
    const offsets = listed.integers(K * K * I)
    const acc = sums.doubles(WIDTH)
    for (let pixel = 0; pixel < N * H * W; pixel++) {
      const [h, v] = [Math.floor(pixel / W) % H, pixel % W]
      let length = 0
      for (let r = Math.max(0, h - p); r <= h + p && r < H; r++) {
        for (let c = Math.max(0, v - p); c <= v + p && c < W; c++) {
          const from = x + (pixel + (r - h) * W + c - v) * I
          let at = ((r - h + p) * K + c - v + p) * I * WIDTH
          for (let i = 0; i < I; i++, at += WIDTH) {
            const value = f[from + i]
            if (value === 0) continue
            values[length] = value
            offsets[length++] = at
          }
        }
      }
      const to = y + pixel * O
      for (let o = 0, panel = 0; o < O; o += WIDTH, panel += K * K * I * WIDTH) {
        const width = Math.min(WIDTH, O - o)
        addPanel(acc, panels, panel, values, offsets, length)
        if (biases < 0) for (let c = 0; c < width; c++) f[to + o + c] = acc[c]
        else for (let c = 0; c < width; c++) f[to + o + c] = f[biases + o + c] + acc[c]
      }
    }
  }

  // acc[0..8) = the sum of values[k] panels[panel + offsets[k]..]
  function addPanel(
    acc: Float64Array,
    panels: Float64Array,
    panel: number,
    values: Float64Array,
    offsets: Int32Array,
    length: number,
  ): void {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    let s4 = 0
    let s5 = 0
    let s6 = 0
    let s7 = 0
    for (let k = 0; k < length; k++) {
      const at = panel + offsets[k]
      const v = values[k]
      s0 += v * panels[at]
      s1 += v * panels[at + 1]
      s2 += v * panels[at + 2]
      s3 += v * panels[at + 3]
      s4 += v * panels[at + 4]
      s5 += v * panels[at + 5]
      s6 += v * panels[at + 6]
      s7 += v * panels[at + 7]
    }
    acc[0] = s0
    acc[1] = s1
    acc[2] = s2
    acc[3] = s3
    acc[4] = s4
    acc[5] = s5
    acc[6] = s6
    acc[7] = s7
  }

  // Weights [taps, I, O] as panels, in reverse order of taps and with I and O exchanged if `turned`.
  function pack(w: number, taps: number, I: number, O: number, turned: boolean): Float64Array {
    const [inputs, outputs] = turned ? [O, I] : [I, O]
    const panels = packed.doubles(Math.ceil(outputs / WIDTH) * WIDTH * taps * inputs)
    let to = 0
    for (let o = 0; o < outputs; o += WIDTH) {
      for (let tap = 0; tap < taps; tap++) {
        for (let i = 0; i < inputs; i++) {
          for (let c = 0; c < WIDTH; c++) {
            const from = turned ? w + ((taps - 1 - tap) * I + o + c) * O + i : w + (tap * I + i) * O + o + c
            panels[to++] = o + c < outputs ? f[from] : 0
          }
        }
      }
    }
    return panels
  }

  return {
    convForward(y, x, w, b, _scratch, N, H, W, I, O, K) {
      convolve(y >> 2, x >> 2, pack(w >> 2, K * K, I, O, false), b >> 2, [N, H, W, I, O, K])
    },

    convBackwardInput(dx, dy, w, _scratch, N, H, W, I, O, K) {
      convolve(dx >> 2, dy >> 2, pack(w >> 2, K * K, I, O, true), -1, [N, H, W, O, I, K])
    },

    convBackwardWeight(dw, db, x, dy, _scratch, N, H, W, I, O, K) {
      const [biases, from] = [db >> 2, dy >> 2]
      for (let at = from; at < from + N * H * W * O; at += O) for (let o = 0; o < O; o++) f[biases + o] += f[at + o]
      if (I === 1) addPictures(dw >> 2, x >> 2, from, [N, H, W, O, K])
      else addWindows(dw >> 2, x >> 2, from, [N, H, W, I, O, K])
    },
  }

  // Of each output the gradients that are not zero meet the windows of the image with its border. A row of a window lies in one piece.
  function addWindows(
    dw: number,
    x: number,
    dy: number,
    [N, H, W, I, O, K]: readonly [number, number, number, number, number, number],
  ): void {
    const p = (K - 1) / 2
    const [row, image] = [(W + 2 * p) * I, (W + 2 * p) * (H + 2 * p) * I]
    const bordered = gradients.doubles(N * image + WIDTH)
    bordered.fill(0, 0, N * image)
    for (let n = 0; n < N; n++) {
      for (let h = 0; h < H; h++) {
        const [to, from] = [n * image + (h + p) * row + p * I, x + (n * H + h) * W * I]
        for (let i = 0; i < W * I; i++) bordered[to + i] = f[from + i]
      }
    }
    const values = listed.doubles(N * H * W)
    const offsets = listed.integers(N * H * W)
    const acc = sums.doubles(WIDTH)
    for (let o = 0; o < O; o++) {
      let length = 0
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const value = f[dy + pixel * O + o]
        if (value === 0) continue
        const line = Math.floor(pixel / W)
        values[length] = value
        offsets[length++] = Math.floor(line / H) * image + (line % H) * row + (pixel % W) * I
      }
      for (let r = 0; r < K; r++) {
        for (let i = 0; i < K * I; i += WIDTH) {
          addPanel(acc, bordered, r * row + i, values, offsets, length)
          const to = dw + (r * K * I + i) * O + o
          for (let c = 0; c < WIDTH && i + c < K * I; c++) f[to + c * O] += acc[c]
        }
      }
    }
  }

  // Where pixels have one value, those that are not zero meet the gradients around them.
  function addPictures(
    dw: number,
    x: number,
    dy: number,
    [N, H, W, O, K]: readonly [number, number, number, number, number],
  ): void {
    const [p, width] = [(K - 1) / 2, O + WIDTH]
    const rows = gradients.doubles(N * H * W * width)
    for (let pixel = 0; pixel < N * H * W; pixel++) {
      for (let o = 0; o < O; o++) rows[pixel * width + o] = f[dy + pixel * O + o]
    }
    const values = listed.doubles(N * H * W)
    const offsets = listed.integers(N * H * W)
    const acc = sums.doubles(WIDTH)
    for (let tap = 0; tap < K * K; tap++) {
      const [dh, dv] = [Math.floor(tap / K) - p, (tap % K) - p]
      let length = 0
      for (let pixel = 0; pixel < N * H * W; pixel++) {
        const value = f[x + pixel]
        if (value === 0) continue
        const [h, v] = [(Math.floor(pixel / W) % H) - dh, (pixel % W) - dv]
        if (h < 0 || h >= H || v < 0 || v >= W) continue
        values[length] = value
        offsets[length++] = (pixel - dh * W - dv) * width
      }
      for (let o = 0; o < O; o += WIDTH) {
        addPanel(acc, rows, o, values, offsets, length)
        for (let c = 0; c < WIDTH && o + c < O; c++) f[dw + tap * O + o + c] += acc[c]
      }
    }
  }
}
