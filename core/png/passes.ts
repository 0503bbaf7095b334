/** The order in which pixels are stored: row by row, or in Adam7's seven passes (PNG specification, section 8). */

/** One pass, itself an image, whose pixel (i, j) is the whole image's pixel (x + i * dx, y + j * dy). */
export interface Pass {
  readonly x: number // px
  readonly y: number // px
  readonly dx: number // px
  readonly dy: number // px
  readonly width: number // px, at least 1
  readonly height: number // px, at least 1
  readonly rowBytes: number // of one row, without its filter byte
  readonly start: number // position of the first row's filter byte in the inflated data
}

/** x, y, dx, dy of Adam7's passes. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** The same for an image that is not interlaced. */
const WHOLE = [[0, 0, 1, 1]] as const

/** The passes of an image in stored order, without those that have no pixels, as some have in small images. */
export function storedPasses(width: number, height: number, bitsPerPixel: number, interlaced: boolean): Pass[] {
  const passes: Pass[] = []
  let start = 0
  for (const [x, y, dx, dy] of interlaced ? ADAM7 : WHOLE) {
    if (x >= width || y >= height) continue
    const columns = Math.ceil((width - x) / dx)
    const rows = Math.ceil((height - y) / dy)
    const rowBytes = Math.ceil((columns * bitsPerPixel) / 8)
    passes.push({ x, y, dx, dy, width: columns, height: rows, rowBytes, start })
    start += rows * (1 + rowBytes)
  }
  return passes
}
