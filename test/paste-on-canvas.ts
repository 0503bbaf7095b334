/**
 * Drawings as browsers and phones send them, made from 28x28 images of known label: somewhere on a 280x280 canvas, at
 * some size, in some colours, opaque or transparent. Seeded: the same `random` gives the same picture.
 */

import type { Raster } from '../core/data/raster.ts'

/** Canvas side, px. */
const SIDE = 280

/** The digit's longer side as a share of the canvas side, 0..1. At 1 it touches two opposite edges. */
const MIN_SIZE = 0.3
const MAX_SIZE = 1

/** Ink and paper differ by at least this much in some channel, levels of 0..255. */
const MIN_CONTRAST = 80

/** Opacity of half-transparent ink, at least, 0..1. */
const MIN_OPACITY = 0.35

type Colour = readonly [red: number, green: number, blue: number]

/**
 * Pastes a digit (784 bytes, row-major, 0 = paper, 255 = ink) on a canvas: its ink box enlarged bilinearly, its place, size
 * and look drawn from `random` (uniform in [0, 1)). A third of the canvases is dark ink on light paper or the reverse
 * in greys, a third two colours of any hue, a third ink of any colour on transparency; half of the inks let the paper through.
 */
export function pasteOnCanvas(image28: Uint8Array, random: () => number): Raster {
  const box = inkBox(image28)
  const longer = Math.max(box.width, box.height)
  const scale = ((MIN_SIZE + (MAX_SIZE - MIN_SIZE) * random()) * SIDE) / longer // canvas px per image px
  const left = Math.floor((SIDE - box.width * scale) * random())
  const top = Math.floor((SIDE - box.height * scale) * random())
  const look = Math.floor(random() * 3)
  const opacity = random() < 0.5 ? 1 : MIN_OPACITY + (1 - MIN_OPACITY) * random()
  const [paper, ink] = look === 0 ? greys(random) : colours(random)

  const data = new Uint8ClampedArray(SIDE * SIDE * 4)
  for (let y = 0, i = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, i += 4) {
      const u = box.left + (x + 0.5 - left) / scale - 0.5
      const v = box.top + (y + 0.5 - top) / scale - 0.5
      const cover = (bilinear(image28, u, v) / 255) * opacity
      if (look === 2) {
        data.set(ink, i)
        data[i + 3] = cover * 255
      } else {
        for (let c = 0; c < 3; c++) data[i + c] = paper[c] + cover * (ink[c] - paper[c])
        data[i + 3] = 255
      }
    }
  }
  return { width: SIDE, height: SIDE, channels: 4, data }
}

function greys(random: () => number): [Colour, Colour] {
  const light = 200 + Math.floor(random() * 56)
  const dark = Math.floor(random() * 60)
  const pair: [Colour, Colour] = [
    [light, light, light],
    [dark, dark, dark],
  ]
  return random() < 0.5 ? pair : [pair[1], pair[0]]
}

function colours(random: () => number): [Colour, Colour] {
  const colour = (): Colour => [Math.floor(random() * 256), Math.floor(random() * 256), Math.floor(random() * 256)]
  for (;;) {
    const pair: [Colour, Colour] = [colour(), colour()]
    if (pair[0].some((level, c) => Math.abs(level - pair[1][c]) >= MIN_CONTRAST)) return pair
  }
}

/** Box of all pixels that are not paper, in px of the 28x28 image. */
function inkBox(image28: Uint8Array): { left: number; top: number; width: number; height: number } {
  let left = 28
  let top = 28
  let right = 0
  let bottom = 0
  for (let p = 0; p < 784; p++) {
    if (image28[p] === 0) continue
    const x = p % 28
    const y = (p - x) / 28
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
  }
  return { left, top, width: right - left, height: bottom - top }
}

/** The image at a place between pixel centres; outside it there is paper. */
function bilinear(image28: Uint8Array, x: number, y: number): number {
  const x0 = Math.floor(x)
  const y0 = Math.floor(y)
  const at = (px: number, py: number): number => (px < 0 || py < 0 || px > 27 || py > 27 ? 0 : image28[py * 28 + px])
  const upper = at(x0, y0) + (x - x0) * (at(x0 + 1, y0) - at(x0, y0))
  const lower = at(x0, y0 + 1) + (x - x0) * (at(x0 + 1, y0 + 1) - at(x0, y0 + 1))
  return upper + (y - y0) * (lower - upper)
}
