/**
 * Measures the stroke width of a digit, and changes it by grey dilation or erosion with a disc. The width of the pen says nothing
 * about the digit, but models trained on MNIST's pens fail on very thin and very thick strokes.
 */

/** Row-major ink, 0..255. */
export interface Grid {
  readonly width: number // px
  readonly height: number // px
  readonly ink: Uint8Array
}

/**
 * Mean stroke width, px: a stroke of length l and width w has the area l * w and an outline of 2 * l. The outline is measured as
 * the total variation along rows and columns, which needs no threshold and is 4 / pi times the length of an outline whose
 * directions are evenly distributed.
 */
export function strokeWidth(grid: Grid): number {
  const { width, height, ink } = grid
  let area = 0
  let variation = 0
  for (let y = 0, p = 0; y < height; y++) {
    let before = 0
    for (let x = 0; x < width; x++, p++) {
      const v = ink[p]
      area += v
      variation += Math.abs(v - before) + Math.abs(v - (y > 0 ? ink[p - width] : 0))
      before = v
    }
    variation += before
  }
  for (let x = 0, p = (height - 1) * width; x < width; x++, p++) variation += ink[p]
  return (2 * area) / (variation * (Math.PI / 4))
}

/**
 * Dilates or erodes: each pixel becomes the largest ink within a disc around it, or the least. The grid grows or shrinks by
 * `radius` on every side. An eroded grid may be all 0.
 * @param radius px, an integer; negative to erode
 */
export function thicken(grid: Grid, radius: number): Grid {
  const reach = Math.abs(radius)
  const grows = radius > 0
  const flip = grows ? 0 : 255 // an erosion of ink is a dilation of paper
  const width = grid.width + 2 * radius
  const height = grid.height + 2 * radius
  const ink = new Uint8Array(width * height)
  // beyond the grid there is paper, which does not change a dilation; an erosion does not reach there
  const margin = grows ? reach : 0
  const stride = grid.width + 2 * margin
  let spread = new Uint8Array(stride * grid.height) // the largest value within `half` px to both sides
  for (let y = 0, p = 0; y < grid.height; y++) {
    for (let x = 0, q = y * stride + margin; x < grid.width; x++, p++, q++) spread[q] = grid.ink[p] ^ flip
  }
  let wider = new Uint8Array(spread.length)
  for (let half = 0; half <= reach; half++) {
    if (half > 0) {
      widen(spread, wider)
      ;[spread, wider] = [wider, spread]
    }
    for (let dy = -reach; dy <= reach; dy++) {
      // reach + 1/2, rounded: the roundest disc of pixels
      if (Math.floor(Math.sqrt(reach * (reach + 1) - dy * dy)) !== half) continue
      for (let y = 0; y < (grows ? grid.height : height); y++) {
        const from = grows ? y * stride : (y + reach + dy) * stride + reach
        raise(ink, (grows ? y + reach + dy : y) * width, spread, from, width)
      }
    }
  }
  if (!grows) for (let p = 0; p < ink.length; p++) ink[p] ^= 255
  return { width, height, ink }
}

/** Writes the largest of each value and its two neighbours. */
function widen(values: Uint8Array, out: Uint8Array): void {
  const last = values.length - 1
  let before = 0
  let here = values[0]
  for (let p = 0; p < last; p++) {
    const after = values[p + 1]
    const side = before > after ? before : after
    out[p] = here > side ? here : side
    before = here
    here = after
  }
  out[last] = here > before ? here : before
}

/** Raises `count` values from `to` on to those of `source` from `from` on, where these are larger. */
function raise(values: Uint8Array, to: number, source: Uint8Array, from: number, count: number): void {
  for (let k = 0; k < count; k++) if (source[from + k] > values[to + k]) values[to + k] = source[from + k]
}

/**
 * Takes ink up to a level for paper, stretches what is above it to full ink, and cuts off the rim, where there is none left.
 * @param rim px
 * @param level 0..254
 */
export function raisePaper(grid: Grid, rim: number, level: number): Grid {
  const width = Math.max(0, grid.width - 2 * rim)
  const height = Math.max(0, grid.height - 2 * rim)
  const ink = new Uint8Array(width * height)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0, q = (y + rim) * grid.width + rim; x < width; x++, p++, q++) {
      const v = grid.ink[q]
      if (v > level) ink[p] = Math.floor(((v - level) * 255) / (255 - level))
    }
  }
  return { width, height, ink }
}
