/** Reads QR codes from pictures, and from the text in a terminal, as a camera would. */

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
function readQrPixels(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  inversionAttempts: Inversion = 'dontInvert',
): string | undefined {
  return jsQR(pixels, width, height, { inversionAttempts })?.data
}

/** What a reader makes of a picture of the text, in a terminal whose cells are 8 x 16 pixels. */
export function readTerminal(
  text: string,
  light: boolean,
  inversionAttempts: Inversion = 'dontInvert',
): string | undefined {
  const [cellWidth, cellHeight] = [8, 16]
  const rows = text.split('\n').map((line) => cellsOf(line, light))
  const [columns, lines] = [Math.max(...rows.map((row) => row.length)) + 4, rows.length + 2]
  const [width, height] = [columns * cellWidth, lines * cellHeight]
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = rows[Math.floor(y / cellHeight) - 1]?.[Math.floor(x / cellWidth) - 2]
      const half = y % cellHeight < cellHeight / 2 ? 0 : 1
      pixels.fill(cell?.[half] ?? (light ? 255 : 0), (y * width + x) * 4, (y * width + x) * 4 + 3)
    }
  }
  return readQrPixels(pixels, width, height, inversionAttempts)
}

/** Brightness of the upper and the lower half of each cell of a line, 0..255. */
function cellsOf(line: string, light: boolean): (readonly [number, number])[] {
  const [ink, ground] = light ? [0, 255] : [255, 0]
  const plain = { fore: ink, back: ground }
  let { fore, back } = plain
  const cells: (readonly [number, number])[] = []
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  for (const [part, codes] of line.matchAll(/\x1b\[([\d;]*)m|./g)) {
    if (codes === undefined) {
      const [upper, lower] = { ' ': [0, 0], '▀': [1, 0], '▄': [0, 1], '█': [1, 1] }[part] ?? []
      cells.push([upper ? fore : back, lower ? fore : back])
      continue
    }
    for (const code of codes.split(';')) {
      if (code === '0') ({ fore, back } = plain)
      else if (code === '7') [fore, back] = [ground, ink]
      else if (code === '30') fore = 0
      else if (code === '40') back = 0
      else if (code === '107') back = 255
      else throw new Error(`escape sequence ${code}`)
    }
  }
  return cells
}
