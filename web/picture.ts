/**
 * The picture that is recognised: SIZE x SIZE px, dark ink on opaque white, whatever the screen's pixel density, the
 * theme and the size of the pad. The browser recognises its pixels; the phone gets the same pixels as a PNG.
 */

import type { Raster } from '../core/raster.ts'
import { SIZE, type Stroke } from './drawing.ts'
import { paint } from './paint.ts'

export interface Picture {
  readonly raster: Raster
  /** The picture as a PNG file. Call it before the next picture is rendered: they share one canvas. */
  png(): Promise<Blob>
}

/** @throws Error where the browser has no 2D canvas */
export function createRenderer(canvas: HTMLCanvasElement): (strokes: readonly Stroke[]) => Picture {
  canvas.width = SIZE
  canvas.height = SIZE
  // Read back on every stroke: keep it in main memory. Opaque: no alpha that a decoder could composite differently.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  if (!context) throw new Error('this browser has no canvas')

  return (strokes) => {
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#fff'
    context.fillRect(0, 0, SIZE, SIZE)
    paint(context, strokes, '#000')
    const { data } = context.getImageData(0, 0, SIZE, SIZE)
    return {
      raster: { width: SIZE, height: SIZE, channels: 4, data },
      png: () =>
        new Promise((resolve, reject) => {
          canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave no PNG'))), 'image/png')
        }),
    }
  }
}
