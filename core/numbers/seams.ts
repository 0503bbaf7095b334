/**
 * Ways to cut ink that may be several touching digits: paths from top to bottom through as little ink as possible, as in seam carving
 * (Avidan, Shamir 2007). Which of them are between two digits is decided by what models answer to the parts.
 */

/** Ink on a coarse grid, row-major: share of each cell that is solid ink, 0..1. */
export interface CoarseInk {
  readonly width: number // cells
  readonly height: number // cells
  readonly cover: Float32Array
}

export interface Seam {
  readonly x: Int32Array // [height]: the cell of each row that it passes through; what is left of it is cut off
  readonly ink: number // cells of ink that it passes through
}

/** What a step costs beside ink, cells of ink: down, and aslant. Paths are to be straight where there is no ink. */
const DOWN = 0.01
const ASLANT = 0.08

/** Rows where different paths begin, shares of the height. */
const MIDDLES = [0.5, 0.3, 0.7]

/** How deep a notch in an outline is, cells at least; and how far two of them may be from each other, shares of the height. */
const NOTCH = 2
const SLANT = 0.5

/** From so much cover on a cell belongs to the outline. */
const HALF = 0.5

/** Cells to both sides in the middle row among which the best path has the least cost. */
const BESIDE = 2

/**
 * The best paths, from left to right: each is the best of those that cross a row near to where it does.
 * @param apart least mean distance of two paths, cells
 * @param margin least distance from the ends, cells
 * @param most ink that a path may pass through, cells
 * @param count of paths, at most
 */
export function findSeams(ink: CoarseInk, apart: number, margin: number, most: number, count: number): Seam[] {
  const found = [...findNotchLines(ink), ...findPaths(ink, margin).filter((seam) => seam.ink <= most)]
  const seams: (Seam & { readonly middle: number })[] = []
  for (const seam of found) {
    if (seams.length === count) break
    if (seams.every((other) => distance(seam, other) >= apart)) seams.push({ ...seam, middle: mean(seam.x) })
  }
  return seams.sort((a, b) => a.middle - b.middle)
}

/** Paths of least ink, those with the least first. */
function findPaths(ink: CoarseInk, margin: number): Seam[] {
  const { width, height, cover } = ink
  const down = pathCosts(ink, false)
  const up = pathCosts(ink, true)
  const found: (Seam & { readonly cost: number })[] = []
  for (const share of MIDDLES) {
    const row = Math.floor((height - 1) * share)
    const total = new Float64Array(width)
    for (let x = 0, p = row * width; x < width; x++, p++) total[x] = down[p] + up[p] - cover[p]
    for (let x = margin; x < width - margin; x++) {
      if (isLeast(total, x)) found.push({ ...follow(ink, down, up, row, x), cost: total[x] })
    }
  }
  return found.sort((a, b) => a.cost - b.cost)
}

/** Lines from a notch in the upper outline to one in the lower outline, or straight on from one of them, those with the least ink first. */
function findNotchLines(ink: CoarseInk): Seam[] {
  const { width, height, cover } = ink
  const outline = (step: number): Int32Array =>
    Int32Array.from({ length: width }, (_, x) => {
      let depth = 0
      for (let y = step > 0 ? 0 : height - 1; depth < height && cover[y * width + x] < HALF; y += step) depth++
      return depth
    })
  const upper = findNotches(outline(1)).map(({ x, depth }) => ({ x, y: depth }))
  const lower = findNotches(outline(-1)).map(({ x, depth }) => ({ x, y: height - 1 - depth }))
  const single: Seam[] = []
  for (const a of upper) single.push(lineThrough(ink, a, { x: a.x, y: height - 1 }))
  for (const b of lower) single.push(lineThrough(ink, { x: b.x, y: 0 }, b))
  const lines: Seam[] = []
  for (const a of upper) {
    for (const b of lower) {
      if (Math.abs(a.x - b.x) <= height * SLANT) lines.push(lineThrough(ink, a, b))
    }
  }
  const byInk = (a: Seam, b: Seam): number => a.ink - b.ink
  return [...lines.sort(byInk), ...single.sort(byInk)]
}

/** Where an outline, given by its depth in each column, goes in by at least NOTCH of the height on both sides. */
function findNotches(depth: Int32Array): { x: number; depth: number }[] {
  const notches: { x: number; depth: number }[] = []
  const least = NOTCH
  for (let x = 1; x < depth.length - 1; x++) {
    if (depth[x] <= depth[x - 1]) continue
    let end = x
    while (end + 1 < depth.length && depth[end + 1] === depth[x]) end++
    let left = depth[x]
    for (let k = x - 1; k >= 0 && depth[k] <= depth[x]; k--) left = Math.min(left, depth[k])
    let right = depth[x]
    for (let k = end + 1; k < depth.length && depth[k] <= depth[x]; k++) right = Math.min(right, depth[k])
    if (depth[x] - Math.max(left, right) >= least) notches.push({ x: (x + end) >> 1, depth: depth[x] })
  }
  return notches
}

/** Straight between two points, and upright above and below. */
function lineThrough({ width, height, cover }: CoarseInk, a: Point, b: Point): Seam {
  const path = new Int32Array(height)
  let ink = 0
  for (let y = 0; y < height; y++) {
    const share = y <= a.y ? 0 : y >= b.y ? 1 : (y - a.y) / (b.y - a.y)
    path[y] = Math.round(a.x + share * (b.x - a.x))
    ink += cover[y * width + path[y]]
  }
  return { x: path, ink }
}

interface Point {
  readonly x: number // cells
  readonly y: number // cells
}

function mean(values: Int32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function distance(a: Seam, b: Seam): number {
  return a.x.reduce((sum, x, y) => sum + Math.abs(x - b.x[y]), 0) / a.x.length
}

function isLeast(total: Float64Array, x: number): boolean {
  for (let k = Math.max(0, x - BESIDE); k <= Math.min(total.length - 1, x + BESIDE); k++) {
    if (total[k] < total[x] || (total[k] === total[x] && k < x)) return false
  }
  return true
}

/** The least cost of a path from the top, or from the bottom, to each cell, that cell's included. */
function pathCosts({ width, height, cover }: CoarseInk, fromBelow: boolean): Float64Array {
  const costs = new Float64Array(width * height)
  for (let k = 0; k < height; k++) {
    const y = fromBelow ? height - 1 - k : k
    const base = y * width
    const before = fromBelow ? base + width : base - width
    for (let x = 0; x < width; x++) {
      let best = 0
      if (k > 0) {
        best = costs[before + x] + DOWN
        if (x > 0) best = Math.min(best, costs[before + x - 1] + ASLANT)
        if (x < width - 1) best = Math.min(best, costs[before + x + 1] + ASLANT)
      } else best = DOWN
      costs[base + x] = best + cover[base + x]
    }
  }
  return costs
}

/** The path through (x, row) by the costs from both ends. */
function follow(
  { width, height, cover }: CoarseInk,
  down: Float64Array,
  up: Float64Array,
  row: number,
  x: number,
): Seam {
  const path = new Int32Array(height)
  let ink = 0
  const walk = (costs: Float64Array, step: number): void => {
    for (let y = row, at = x; y >= 0 && y < height; y += step) {
      path[y] = at
      if (y !== row || step < 0) ink += cover[y * width + at]
      const next = (y + step) * width
      if (y + step < 0 || y + step >= height) break
      let best = at
      let cost = costs[next + at] + DOWN
      for (const side of [at - 1, at + 1]) {
        if (side < 0 || side >= width || costs[next + side] + ASLANT >= cost) continue
        best = side
        cost = costs[next + side] + ASLANT
      }
      at = best
    }
  }
  walk(down, -1)
  walk(up, 1)
  return { x: path, ink }
}
