/** Reads QR codes from pictures, as a camera would. */

import jsQR from 'jsqr'
import { PNG } from 'pngjs'

/** Whether a reader also tries light on dark, which not every one does. */
type Inversion = 'dontInvert' | 'attemptBoth'

/** The text of the QR code in a PNG; undefined where none can be read. */
export function readQrCode(png: Uint8Array, inversionAttempts: Inversion = 'dontInvert'): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(png))
  return readQrPixels(new Uint8ClampedArray(data), width, height, inversionAttempts)
}

/** @param pixels RGBA */
export function readQrPixels(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  inversionAttempts: Inversion = 'dontInvert',
): string | undefined {
  return jsQR(pixels, width, height, { inversionAttempts })?.data
}
