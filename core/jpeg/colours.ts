/**
 * The pixels of an image from the samples of its components: grey as it is, else RGBA. Colours are those of JFIF (BT.601, full
 * range), or Adobe's, which has black ink too and stores amounts of ink inverted.
 */

import type { Jpeg } from './file.ts'

/** What the components mean. */
export interface Colours {
  readonly luma: boolean // the first three are luminance and two differences, else red, green, blue
  readonly ink: boolean // the fourth one is black
}

/** Value of Adobe's transform: the components are colours as they are. */
const NONE = 0

/** Identifiers of components that are red, green and blue. */
const RGB = [0x52, 0x47, 0x42]

/** As libjpeg decides: JFIF has luminance, else Adobe's segment tells, else the identifiers of the components. */
export function coloursOf({ frame, jfif, transform }: Jpeg): Colours {
  const { components } = frame
  if (components.length === 4) return { luma: transform !== undefined && transform !== NONE, ink: true }
  const named = components.every(({ id }, k) => id === RGB[k])
  return { luma: jfif || (transform === undefined ? !named : transform !== NONE), ink: false }
}

/** What the two differences add to a colour: whole levels, but for green, which has both, multiples of 2^-16. */
const RED = new Int32Array(256)
const BLUE = new Int32Array(256)
const GREEN_OF_BLUE = new Int32Array(256)
const GREEN_OF_RED = new Int32Array(256)
for (let v = 0; v < 256; v++) {
  RED[v] = (91881 * (v - 128) + 32768) >> 16 // 1.402
  BLUE[v] = (116130 * (v - 128) + 32768) >> 16 // 1.772
  GREEN_OF_BLUE[v] = -22554 * (v - 128) + 32768 // 0.344136
  GREEN_OF_RED[v] = -46802 * (v - 128) // 0.714136
}

/**
 * Writes a row of RGBA pixels.
 * @param data from data[to] on
 * @param lines a row of each component, one sample per pixel
 */
export function placeColours(
  data: Uint8Array | Uint8ClampedArray,
  to: number,
  lines: readonly Uint8Array[],
  { luma, ink }: Colours,
): void {
  const [first, second, third] = lines
  for (let x = 0, p = to; x < first.length; x++, p += 4) {
    const a = first[x]
    const b = second[x]
    const c = third[x]
    data[p] = luma ? clamp(a + RED[c]) : a
    data[p + 1] = luma ? clamp(a + ((GREEN_OF_BLUE[b] + GREEN_OF_RED[c]) >> 16)) : b
    data[p + 2] = luma ? clamp(a + BLUE[b]) : c
    data[p + 3] = 255
  }
  if (ink) darken(data, to, lines[3])
}

/** Multiplies a row of pixels by its black, 0 (black) to 255 (none). */
function darken(data: Uint8Array | Uint8ClampedArray, to: number, black: Uint8Array): void {
  for (let x = 0; x < black.length; x++, to += 4) {
    for (let p = to; p < to + 3; p++) data[p] = Math.floor((data[p] * black[x] + 127) / 255)
  }
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level
}
