/** A picture in colour under construction, for tests: rectangles, shadows, something like text, and strokes. */

import type { Raster } from '../../../core/data/raster.ts'
import type { Strokes } from '../../../core/protocol.ts'
import type { Random } from '../../../core/random.ts'

export type Colour = readonly [red: number, green: number, blue: number]

export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A colour picture under construction. */
export class Canvas {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray

  constructor(width: number, height: number, colour: Colour) {
    this.width = width
    this.height = height
    this.data = new Uint8ClampedArray(width * height * 4).fill(255)
    this.fill({ left: 0, top: 0, width, height }, colour)
  }

  /** Mixes a colour into a pixel, with a share of 0..1. */
  blend(x: number, y: number, colour: Colour, share: number): void {
    if (share <= 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return
    const i = (y * this.width + x) * 4
    const part = Math.min(1, share)
    for (let c = 0; c < 3; c++) this.data[i + c] += (colour[c] - this.data[i + c]) * part
  }

  /** A rectangle with corners of a radius, antialiased. */
  fill({ left, top, width, height }: Rectangle, colour: Colour, radius = 0): void {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) {
        const dx = Math.max(0, left + radius - x - 0.5, x + 0.5 - (left + width - radius))
        const dy = Math.max(0, top + radius - y - 0.5, y + 0.5 - (top + height - radius))
        this.blend(x, y, colour, radius === 0 ? 1 : radius + 0.5 - Math.sqrt(dx * dx + dy * dy))
      }
    }
  }

  /** A soft shadow of a rectangle. */
  shadow({ left, top, width, height }: Rectangle, blur: number, strength: number): void {
    for (let y = top - blur; y < top + height + blur; y++) {
      for (let x = left - blur; x < left + width + blur; x++) {
        const dx = Math.max(0, left - x, x + 1 - (left + width))
        const dy = Math.max(0, top - y, y + 1 - (top + height))
        this.blend(x, y, [0, 0, 0], strength * (1 - Math.sqrt(dx * dx + dy * dy) / blur))
      }
    }
  }

  /** Something like a line of text. */
  text(random: Random, left: number, top: number, width: number, size: number, colour: Colour): void {
    for (let x = left; x < left + width; ) {
      const letter = Math.max(1, Math.floor(size * (0.3 + 0.3 * random.uniform())))
      if (random.uniform() > 0.15 && x + letter <= left + width) {
        const tall = random.uniform() < 0.3 ? size : Math.ceil(size * 0.7)
        const pen = Math.max(1, Math.floor(size / 7))
        this.fill({ left: x, top: top + size - tall, width: pen, height: tall }, colour)
        if (random.uniform() < 0.6) this.fill({ left: x, top: top + size - pen, width: letter, height: pen }, colour)
        if (random.uniform() < 0.6)
          this.fill({ left: x + letter - pen, top: top + size - tall, width: pen, height: tall }, colour)
      }
      x += letter + Math.max(1, size >> 2)
    }
  }

  /** The strokes of a drawing, their longer side `side` px, with a round pen. */
  draw(strokes: Strokes, place: Rectangle, pen: number, colour: Colour): void {
    const points = strokes.flat()
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
    const [x0, y0] = [Math.min(...xs), Math.min(...ys)]
    const scale = Math.min(
      (place.width - pen - 1) / Math.max(1e-9, Math.max(...xs) - x0),
      (place.height - pen - 1) / Math.max(1e-9, Math.max(...ys) - y0),
    )
    const cover = new Map<number, number>()
    for (const stroke of strokes) {
      for (let k = 0; k < stroke.length; k++) {
        const [a, b] = [stroke[Math.max(0, k - 1)], stroke[k]].map(([x, y]) => [
          place.left + (pen + 1) / 2 + (x - x0) * scale,
          place.top + (pen + 1) / 2 + (y - y0) * scale,
        ])
        const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
        const r = pen / 2 + 1
        for (let y = Math.floor(Math.min(a[1], b[1]) - r); y <= Math.max(a[1], b[1]) + r; y++) {
          for (let x = Math.floor(Math.min(a[0], b[0]) - r); x <= Math.max(a[0], b[0]) + r; x++) {
            const [px, py] = [x + 0.5 - a[0], y + 0.5 - a[1]]
            const t = dx === 0 && dy === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / (dx * dx + dy * dy)))
            const [ex, ey] = [px - t * dx, py - t * dy]
            const share = Math.min(1, pen / 2 + 0.5 - Math.sqrt(ex * ex + ey * ey))
            const p = y * this.width + x
            if (share > (cover.get(p) ?? 0)) cover.set(p, share)
          }
        }
      }
    }
    for (const [p, share] of cover) this.blend(p % this.width, Math.floor(p / this.width), colour, share)
  }

  raster(): Raster {
    return { width: this.width, height: this.height, channels: 4, data: this.data }
  }
}
