/** A decoded image in memory, before preprocessing. */

/** Pixels row by row from the top left; 1 byte (grey) or 4 bytes (RGBA, alpha not premultiplied) each. */
export interface Raster {
  readonly width: number // px
  readonly height: number // px
  readonly channels: 1 | 4
  readonly data: Uint8Array | Uint8ClampedArray // width * height * channels bytes
  readonly paper?: number // 0..255; of a grey image, the level of its paper where that is known
}
