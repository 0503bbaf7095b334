/**
 * The picture that is recognised: SIZE x SIZE px, dark ink on opaque white, whatever the screen's pixel density, the theme
 * and the size of the pad. The browser recognises its pixels, and the phone gets the same pixels as a PNG. Some browsers
 * falsify the pixels read from a canvas; there, both get the strokes and draw them with the same code.
 */

import type { Raster } from '../../core/data/raster.ts'
import type { Strokes } from '../../core/protocol.ts'
import { rasterizeStrokes } from '../../core/strokes.ts'
import { SIZE, type Stroke } from './drawing.ts'
import { paint } from './paint.ts'

export interface Picture {
  readonly raster: Raster
  /** The same picture for the phone, with its media type. Call it before the next picture is made: all share one canvas. */
  body(): Promise<Blob>
}

const MOST_POINTS = 900 // of at most 16 bytes each: the phone accepts 16 KiB of JSON

/**
 * Returns a function that makes a picture of one or more strokes.
 * @throws Error where the browser has no 2D canvas
 */
export function createRenderer(canvas: HTMLCanvasElement): (strokes: readonly Stroke[]) => Picture {
  canvas.width = SIZE
  canvas.height = SIZE
  // The canvas is read after every stroke, so it stays in main memory. It is opaque: decoders composite alpha differently.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  if (!context) throw new Error('this browser has no canvas')
  return readsExactly(context) ? (strokes) => draw(context, strokes) : trace
}

function draw(context: CanvasRenderingContext2D, strokes: readonly Stroke[]): Picture {
  const { canvas } = context
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = '#fff'
  context.fillRect(0, 0, SIZE, SIZE)
  paint(context, strokes, '#000')
  const { data } = context.getImageData(0, 0, SIZE, SIZE)
  return {
    raster: { width: SIZE, height: SIZE, channels: 4, data },
    body: () =>
      new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave no PNG'))), 'image/png')
      }),
  }
}

/** Makes a picture without the canvas, from the points as they are sent: with one decimal, and thinned out where there are too many. */
function trace(drawn: readonly Stroke[]): Picture {
  const count = drawn.reduce((sum, { points }) => sum + points.length, 0)
  const every = Math.ceil(count / MOST_POINTS)
  const strokes: Strokes = drawn.map(({ points }) =>
    points
      .filter((_, i) => i % every === 0)
      .map(([x, y]) => [Math.round(10 * x) / 10, Math.round(10 * y) / 10] as const),
  )
  const body = new Blob([JSON.stringify({ strokes })], { type: 'application/json' })
  return { raster: rasterizeStrokes(strokes), body: () => Promise.resolve(body) }
}

/** Whether pixels are read as they were painted. Browsers that prevent fingerprinting add noise, or return white. */
function readsExactly(context: CanvasRenderingContext2D): boolean {
  context.fillStyle = '#fff'
  context.fillRect(0, 0, SIZE, SIZE)
  context.fillStyle = '#000'
  context.fillRect(0, 0, SIZE / 2, SIZE)
  const { data } = context.getImageData(0, 0, SIZE, SIZE)
  return data.every((value, i) => value === (i % 4 === 3 || (i >> 2) % SIZE >= SIZE / 2 ? 255 : 0))
}
