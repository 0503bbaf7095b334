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
  const width = grid.width + 2 * radius
  const height = grid.height + 2 * radius
  const ink = new Uint8Array(width * height)
  if (radius < 0) ink.fill(255)
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy > reach * (reach + 1)) continue // reach + 1/2, rounded: the roundest disc of pixels
      // beyond the grid there is paper, which does not change a dilation; an erosion does not reach there
      const fromX = Math.max(0, radius - dx)
      const toX = Math.min(width, grid.width + radius - dx)
      const fromY = Math.max(0, radius - dy)
      const toY = Math.min(height, grid.height + radius - dy)
      for (let y = fromY; y < toY; y++) {
        const source = (y - radius + dy) * grid.width - radius + dx
        for (let x = fromX, p = y * width + fromX; x < toX; x++, p++) {
          const v = grid.ink[source + x]
          if (radius < 0 ? v < ink[p] : v > ink[p]) ink[p] = v
        }
      }
    }
  }
  return { width, height, ink }
}
