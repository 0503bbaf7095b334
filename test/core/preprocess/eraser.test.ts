/** An eraser that leaves transparent holes in opaque paper: they are paper, as a page shows them. */

import { expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { BLACK, CLEAR, type Colour, difference, scene, WHITE } from './scene.ts'

const YELLOW: Colour = [255, 255, 0, 255]
const NAVY: Colour = [20, 20, 120, 255]
const CREAM: Colour = [250, 240, 200, 255]
const PURPLE: Colour = [120, 30, 90, 255]

/** Alpha of a pixel of 280 x 280 px of paper. */
const HOLES: Readonly<Record<string, (x: number, y: number) => number>> = {
  none: () => 255,
  'a disc': (x, y) => (Math.hypot(x - 230, y - 230) < 62 ? 0 : 255),
  'a band': (_, y) => (y > 190 && y < 250 ? 0 : 255),
  'a third': (x) => (x > 190 ? 0 : 255),
  'a disc with a soft edge': (x, y) => Math.max(0, Math.min(255, Math.round(6 * (Math.hypot(x - 140, y - 250) - 60)))),
}

/** A five on opaque paper with holes around it, whose invisible colour is black, as a canvas has it. */
function erased(paper: Colour, ink: Colour, alpha: (x: number, y: number) => number): Raster {
  const image = scene({ paper, ink })
  for (let p = 0, i = 0; i < image.data.length; p++, i += 4) {
    if (paper.some((level, c) => image.data[i + c] !== level)) continue
    image.data[i + 3] = alpha(p % image.width, Math.floor(p / image.width))
    if (image.data[i + 3] === 0) image.data.fill(0, i, i + 3)
  }
  return image
}

it.each(Object.keys(HOLES))('makes no difference: %s', (name) => {
  for (const [paper, ink] of [
    [WHITE, BLACK],
    [BLACK, YELLOW],
    [PURPLE, WHITE],
    [CREAM, NAVY],
  ] as const) {
    const seen = preprocess(erased(paper, ink, HOLES[name]))
    expect(difference(seen, preprocess(scene({ paper, ink })))).toBeLessThan(0.1)
  }
})

it('a digit of one colour on a transparent canvas stays ink, in a pen that covers half of it', () => {
  const clear = scene({ paper: CLEAR, ink: NAVY, side: 200, left: -12, top: -12 })
  expect(difference(preprocess(clear), preprocess(scene()))).toBeLessThan(0.1)
  const thick: Raster = { width: 40, height: 40, channels: 4, data: new Uint8Array(6400) }
  for (let p = 0; p < 1600; p++)
    if ((p % 40) - 20 < 18 && (p % 40 < 14 || p % 40 > 25 || p < 520 || p > 1080)) thick.data[4 * p + 3] = 255
  expect(Math.max(...preprocess(thick))).toBe(255)
})
