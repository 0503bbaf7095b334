/** Pictures of one drawing under circumstances that make no difference to preprocessing. */

import type { Raster } from '../../../core/data/raster.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'

export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

export const WHITE: Colour = [255, 255, 255, 255]
export const BLACK: Colour = [0, 0, 0, 255]
export const CLEAR: Colour = [0, 0, 0, 0]

/** A five in two strokes that do not touch. */
export const FIVE: Strokes = [
  [
    [40, 0],
    [10, 0],
    [5, 30],
    [30, 28],
    [42, 45],
    [30, 65],
    [0, 60],
  ],
  [
    [58, 2],
    [75, 0],
  ],
]

export interface Scene {
  readonly strokes?: Strokes
  readonly side?: number // px, of the square picture
  readonly zoom?: number // px per px of the rasterised strokes, an integer
  readonly left?: number // px, of the drawing's field of 112 * zoom px; negative cuts off its empty margin
  readonly top?: number // px
  readonly paper?: Colour
  readonly ink?: Colour
}

/** The drawing as RGBA: ink over paper; where the paper is clear, ink whose alpha is its coverage. */
export function scene(options: Scene = {}): Raster & { readonly data: Uint8Array } {
  const { strokes = FIVE, side = 280, zoom = 2, left = 20, top = 30, paper = WHITE, ink = BLACK } = options
  const drawing = rasterizeStrokes(strokes)
  const data = new Uint8Array(side * side * 4)
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i += 4) {
      const u = Math.floor((x - left) / zoom)
      const v = Math.floor((y - top) / zoom)
      const inside = u >= 0 && v >= 0 && u < drawing.width && v < drawing.height
      const cover = ((inside ? drawing.data[v * drawing.width + u] : 0) / 255) * (ink[3] / 255)
      for (let c = 0; c < 3; c++)
        data[i + c] = paper[3] === 0 ? ink[c] : Math.round(paper[c] + cover * (ink[c] - paper[c]))
      data[i + 3] = paper[3] === 0 ? Math.round(cover * 255) : 255
    }
  }
  return { width: side, height: side, channels: 4, data }
}

/** The same picture with every colour changed: `change` gets the level, the place in px and the channel. */
export function repaint(
  image: Raster,
  change: (level: number, x: number, y: number, channel: number) => number,
): Raster {
  const { width, channels } = image
  const data = new Uint8ClampedArray(image.data)
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels)
    const channel = i % channels
    if (channel < 3) data[i] = change(data[i], pixel % width, Math.floor(pixel / width), channel)
  }
  return { ...image, data }
}

/** What lossy compression leaves of a picture: 8x8 cosine transforms with every coefficient rounded to a multiple of `step`. */
export function compress(image: Raster, step: number): Raster {
  const { width, height, channels } = image
  const data = new Uint8ClampedArray(image.data)
  const basis = Array.from({ length: 64 }, (_, i) => {
    const k = Math.floor(i / 8)
    return Math.cos(((2 * (i % 8) + 1) * k * Math.PI) / 16) * Math.sqrt((k === 0 ? 1 : 2) / 8)
  })
  const along = (block: Float64Array, forward: boolean): Float64Array => {
    const out = new Float64Array(64) // transforms rows and leaves the block transposed
    for (let row = 0; row < 8; row++) {
      for (let k = 0; k < 8; k++) {
        let sum = 0
        for (let n = 0; n < 8; n++) sum += block[row * 8 + n] * (forward ? basis[k * 8 + n] : basis[n * 8 + k])
        out[k * 8 + row] = sum
      }
    }
    return out
  }
  for (let top = 0; top + 8 <= height; top += 8) {
    for (let left = 0; left + 8 <= width; left += 8) {
      for (let c = 0; c < Math.min(3, channels); c++) {
        const at = (n: number): number => ((top + Math.floor(n / 8)) * width + left + (n % 8)) * channels + c
        const block = Float64Array.from({ length: 64 }, (_, n) => image.data[at(n)])
        const coefficients = along(along(block, true), true).map((value) => Math.round(value / step) * step)
        along(along(coefficients, false), false).forEach((value, n) => {
          data[at(n)] = value
        })
      }
    }
  }
  return { ...image, data }
}

/** Mean absolute difference of two images, levels of 0..255. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, level, i) => sum + Math.abs(level - b[i]), 0) / a.length
}
