/** Large pictures of a seven, as phones, scanners and screenshots make them. */

import { deflateSync } from 'node:zlib'
import { writeJpeg } from '../../../core/jpeg/writer.ts'
import { chunk, file, ihdr } from '../../../core/png/writer.ts'

/** Whether there is ink at a place of the picture, 0..1 across and down. */
function isInk(x: number, y: number): boolean {
  const bar = y > 0.2 && y < 0.26 && x > 0.3 && x < 0.7
  return bar || (y > 0.2 && y < 0.8 && Math.abs(x - (0.7 - (0.35 * (y - 0.2)) / 0.6)) < 0.03)
}

/** A grey PNG whose levels vary by 0 to `noise`, which is 0, 1 or 3: the file has about a third of a byte for each px with 3. */
export function photoPng(width: number, height: number, noise = 0): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array((width + 1) * height)
  let random = 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff
      const level = isInk(x / width, y / height) ? 20 : 235
      rows[y * (width + 1) + 1 + x] = level + ((random >> 16) & noise)
    }
  }
  return file(ihdr({ width, height }), chunk('IDAT', deflateSync(rows)), chunk('IEND'))
}

/** A grey JPEG whose blocks have one level each. @param exif a TIFF file */
export function photoJpeg(width: number, height: number, exif?: Uint8Array): Uint8Array<ArrayBuffer> {
  const [columns, lines] = [Math.ceil(width / 8), Math.ceil(height / 8)]
  const blocks = Array.from({ length: columns * lines }, (_, k) => {
    const block = new Int16Array(64)
    block[0] = isInk((k % columns) / columns, Math.floor(k / columns) / lines) ? -100 : 100
    return block
  })
  const components = [{ id: 1, h: 1, v: 1, quantisation: Array<number>(64).fill(8), blocks }]
  return new Uint8Array(writeJpeg({ width, height, components }, exif ? { exif } : {}))
}
