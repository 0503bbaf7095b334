/**
 * How thick a digit is drawn, and how to make it thicker or thinner: grey dilation and erosion with a disc. A pen's width
 * says nothing about the digit, but a model that has only seen MNIST's pens is thrown off by a hair-thin or a fat one.
 */

/** Row-major ink, 0..255. */
export interface Grid {
  readonly width: number // px
  readonly height: number // px
  readonly ink: Uint8Array
}

/**
 * Mean stroke width in px: a stroke of length l and width w has the area l * w and an outline of 2 * l. The outline is
 * the total variation along rows and columns, which needs no threshold and measures 4 / pi times the length of an outline
 * that runs in all directions alike.
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
 * The digit with `radius` px (an integer) more ink on every side, or less where it is negative; the grid grows or shrinks
 * with it. Each pixel becomes the greatest ink within a disc around it, or the least. An eroded grid may be all 0.
 */
export function thicken(grid: Grid, radius: number): Grid {
  const reach = Math.abs(radius)
  const width = grid.width + 2 * radius
  const height = grid.height + 2 * radius
  const ink = new Uint8Array(width * height)
  if (radius < 0) ink.fill(255)
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy > reach * (reach + 1)) continue // reach + 1/2, rounded: the roundest disc of pixels
      // What reaches beyond the grid is paper: it adds nothing to a dilation, and an erosion never looks there.
      const fromX = Math.max(0, radius - dx)
      const toX = Math.min(width, grid.width + radius - dx)
      const fromY = Math.max(0, radius - dy)
      const toY = Math.min(height, grid.height + radius - dy)
      for (let y = fromY; y < toY; y++) {
        const seen = (y - radius + dy) * grid.width - radius + dx
        for (let x = fromX, p = y * width + fromX; x < toX; x++, p++) {
          const v = grid.ink[seen + x]
          if (radius < 0 ? v < ink[p] : v > ink[p]) ink[p] = v
        }
      }
    }
  }
  return { width, height, ink }
}
