/**
 * The four sides of a box in a picture: whether a region of one colour ends there in a straight edge, as paper in a frame does, and
 * whether ink goes on beyond it.
 */

import type { Raster } from '../../data/raster.ts'
import { type Colour, colourAt, distanceAt } from './colours.ts'
import { thickestRemains } from './pieces.ts'
import type { Rect } from './regions.ts'

/** Share of a side at either end that rounded corners may take, 0..1. */
const CORNER = 0.15

/** Share of the rest that must have the region's colour, 0..1, on each side and on average: a digit may touch a side. */
const COVERED = 0.2
const MEAN_COVERED = 0.75

/** The same of a side at a bar: what is beside a single edge may be a slope of light. */
const BAR_COVERED = 0.6

/** Share of that along which the colours differ, 0..1. */
const SHARP_SHARE = 0.6

/** Least distance of the colours on both sides of an edge, 0..255. A paper in uneven light has no edges. */
const SHARP = 10

/** Pixels within which an edge is crossed. */
const SOFT = 3

/** Distance up to which two colours are taken for the same ink, 0..255. */
const SAME_INK = 48

/** How far ink goes on beyond an edge that it crosses, at least: px, and a share of the side. Less is a pen that slipped. */
const CROSSING = 6
const CROSSING_SHARE = 0.03

/** Distance from which colours beyond an edge are not the same, 0..255. In a shadow ink is darker too. */
const OTHER = 32

/** Ink that touches the side from inside and goes on in the same colour is the edge's own from these multiples of its width on. */
const THICK_BAR = 2
const THIN_LINE = 0.4

/** A side of a box as a walk over pixels. */
interface Walk {
  readonly start: number // index of the first pixel
  readonly along: number // to the next pixel of the side
  readonly inward: number // to the pixel behind it
  readonly length: number // px
  readonly depth: number // px, of the box
  readonly margin: number // px outside of the box, up to the picture's edge
}

export interface Side {
  readonly open: boolean // the picture ends there too
  readonly crossed: boolean // ink goes on beyond the edge
  readonly covered: number // 0..1, share that has the region's colour
  readonly joined: boolean // ink touches what is beyond the edge, in the same colour, and could be one with it
}

function walks({ left, top, right, bottom }: Rect, width: number, height: number): Walk[] {
  const [w, h] = [right - left, bottom - top]
  const first = top * width + left
  const below = (bottom - 1) * width + left
  return [
    { start: first, along: 1, inward: width, length: w, depth: h, margin: top },
    { start: below, along: 1, inward: -width, length: w, depth: h, margin: height - bottom },
    { start: first, along: width, inward: 1, length: h, depth: w, margin: left },
    { start: first + w - 1, along: width, inward: -1, length: h, depth: w, margin: width - right },
  ]
}

/**
 * The sides of a box that a region of one colour fills up to straight edges: top, bottom, left, right; undefined if it does not.
 * @param marks 1 where a pixel has the region's colour
 */
export function straightSides(image: Raster, marks: Uint8Array, box: Rect): Side[] | undefined {
  const sides: Side[] = []
  for (const walk of walks(box, image.width, image.height)) {
    const side = judgeSide(image, marks, walk, thickestRemains(box))
    if (!side) return undefined
    sides.push(side)
  }
  const covered = sides.reduce((sum, side) => sum + side.covered, 0)
  const isFrame = sides.every(({ open }) => !open)
  if (!isFrame && sides.some((side) => !side.open && side.covered < BAR_COVERED)) return undefined
  return covered >= 4 * MEAN_COVERED ? sides : undefined
}

function judgeSide(image: Raster, marks: Uint8Array, walk: Walk, remains: number): Side | undefined {
  const { start, along, inward, length, depth, margin } = walk
  const from = Math.floor(length * CORNER)
  const to = length - from
  const open = margin === 0
  const thick = Math.min(depth, open ? remains + 1 : length > 200 ? 3 : 2)
  const reach = Math.min(SOFT, margin)
  let covered = 0
  let sharp = 0
  let beyond = 0 // index of a pixel just beyond the edge, and its distance from it
  let away = 0
  for (let k = from; k < to; k++) {
    const p = start + k * along
    let inside = -1
    for (let d = 0; d < thick && inside < 0; d++) if (marks[p + d * inward] === 1) inside = p + d * inward
    if (inside < 0) continue
    covered++
    const colour = colourAt(image, inside)
    for (let d = 1; d <= reach; d++) {
      if (distanceAt(image, p - d * inward, colour) < SHARP) continue
      sharp++
      if (k <= length >> 1 || away === 0) {
        beyond = p - d * inward
        away = d
      }
      break
    }
  }
  const share = covered / (to - from)
  if (share < COVERED) return undefined
  if (open) return { open, crossed: false, joined: false, covered: share }
  if (sharp < SHARP_SHARE * covered) return undefined
  return { open, covered: share, ...judgeTouches(image, marks, walk, colourAt(image, beyond), away, beyond) }
}

/** Whether beyond pixel p of a side lies something else than beyond pixel q, all the way from the edge to a distance. */
function goesOn(image: Raster, p: number, q: number, outward: number, far: number): boolean {
  for (let d = SOFT; d <= far; d++) {
    if (distanceAt(image, p + d * outward, colourAt(image, q + d * outward)) <= OTHER) return false
  }
  return true
}

/** What becomes of ink that touches the side from inside. */
function judgeTouches(
  image: Raster,
  marks: Uint8Array,
  { start, along, inward, length, margin }: Walk,
  outside: Colour,
  away: number,
  beyond: number,
): { crossed: boolean; joined: boolean } {
  const isInk = (p: number): boolean => marks[p] === 0 && marks[p + inward] === 0
  let from = 0 // rounded corners are no ink
  let to = length
  const corner = Math.floor(length * CORNER)
  while (from < corner && isInk(start + from * along)) from++
  while (to > length - corner && isInk(start + (to - 1) * along)) to--
  const far = Math.max(CROSSING, Math.floor(length * CROSSING_SHARE))
  let crossing = 0
  let run = 0 // px of the side that ink of the outside's colour touches without a break
  let longest = 0
  for (let k = from; k < to; k++) {
    const p = start + k * along
    const ink = isInk(p)
    const other = p - away * inward
    const sameInk = ink && distanceAt(image, other, colourAt(image, p + inward)) <= SAME_INK
    const isOutside = distanceAt(image, other, outside) <= SAME_INK
    if (ink && margin >= far && goesOn(image, p, beyond + away * inward, -inward, far)) crossing++
    run = sameInk && isOutside ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  let bar = 0 // px, how far the outside's colour goes on
  while (bar < margin - away + 1 && distanceAt(image, beyond - bar * inward, outside) <= SAME_INK) bar++
  const own = longest < 3 || bar >= THICK_BAR * longest || bar <= THIN_LINE * longest
  return { crossed: crossing > Math.max(2, length * 0.02), joined: !own }
}
