/**
 * Panels: regions of one colour with straight sides, such as a page, a canvas on it, the paper in a frame, or a bar. One of them is
 * the paper of the digit.
 */

import type { Raster } from '../../data/raster.ts'
import { type Colour, markColour } from './colours.ts'
import { findEnclosed } from './outlines.ts'
import { classifyRemains, DIGIT, isBar } from './pieces.ts'
import { contains, findRegions, heightOf, type Rect, type Regions, widthOf } from './regions.ts'
import { type Side, straightSides } from './sides.ts'

export interface Panel {
  readonly colour: Colour
  readonly box: Rect
  readonly sides: readonly Side[] // none if they are not straight
  readonly pieces: Regions // what has another colour, inside of the box
  readonly kinds: Uint8Array // of each piece
}

/** Shortest side of a panel: share of the picture's, and px. */
const SIDE_SHARE = 0.1
const MIN_SIDE = 16

/** Least share of its box that a panel covers itself, 0..1: a paper is more than its digit, the loop of a digit is not. */
const OWN_SHARE = 0.5

/** Panels of one colour that are looked at, at most, the largest first. It bounds the time. */
const MOST = 12

/** Pieces of a panel that can be digits, at most: with more of them it is not plain. */
const MOST_PIECES = 24

/** The walls around the loop of a zero in block letters: how much they differ, at most, and how much of its box the loop fills. */
const EVEN = 1.6
const LOOP_FILL = 0.7

/** From that many times the size of a panel on, something goes far beyond it; and the share of their box that strokes cover, at most. */
const BEYOND = 2
const STROKES = 0.5

/** The panels of one colour, of which pixels are up to `reach` away, in a picture most of which has the colour `page`. `marks` and `own` are working memory, a byte for each pixel. */
export function findPanels(
  image: Raster,
  { colour, reach, page }: { colour: Colour; reach: number; page: Colour },
  marks: Uint8Array,
  own: Uint8Array,
): Panel[] {
  const { width, height } = image
  markColour(image, colour, reach, marks)
  const regions = findRegions(marks, width, { left: 0, top: 0, right: width, bottom: height }, 1, false)
  const [leastWidth, leastHeight] = [width, height].map((side) => Math.max(MIN_SIDE, side * SIDE_SHARE))
  const large: number[] = []
  for (let k = 0; k < regions.boxes.length; k++) {
    const [w, h] = [widthOf(regions.boxes[k]), heightOf(regions.boxes[k])]
    if (w >= leastWidth && h >= leastHeight && regions.areas[k] >= OWN_SHARE * w * h) large.push(k)
  }
  large.sort((a, b) => regions.areas[b] - regions.areas[a] || a - b)
  const panels: Panel[] = []
  for (const k of large.slice(0, MOST)) {
    const box = regions.boxes[k]
    const sides = straightSides(image, marks, box)
    if (!sides) {
      const enclosed = findEnclosed(image, regions, k, { colour, reach, page }, own)
      if (enclosed) panels.push({ colour, box, sides: [], ...enclosed })
      continue
    }
    const pieces = findRegions(marks, width, box, 0, true)
    const framed = sides.every(({ open }) => !open)
    const kinds = classifyRemains(box, pieces, framed)
    const digits = kinds.reduce((sum, kind) => sum + (kind === DIGIT ? 1 : 0), 0)
    if (digits <= MOST_PIECES) panels.push({ colour, box, sides, pieces, kinds })
  }
  return panels
}

/**
 * The longer side of the largest piece of a panel that can be a digit, px; 0 if there is none.
 * @param inner panels with a digit, whose surroundings are not a digit
 * @param bars whether a filled rectangle can be one
 */
export function digitSide({ box, sides, pieces, kinds }: Panel, inner: readonly Panel[], bars: boolean): number {
  let longest = 0
  let count = 0
  let area = 0
  let [left, top, right, bottom] = [box.right, box.bottom, box.left, box.top]
  for (let k = 0; k < pieces.boxes.length; k++) {
    const piece = pieces.boxes[k]
    if (kinds[k] !== DIGIT || (!bars && isBar(pieces, k)) || inner.some((panel) => surrounds(pieces, k, panel)))
      continue
    count++
    area += pieces.areas[k]
    longest = Math.max(longest, widthOf(piece), heightOf(piece))
    left = Math.min(left, piece.left)
    top = Math.min(top, piece.top)
    right = Math.max(right, piece.right)
    bottom = Math.max(bottom, piece.bottom)
  }
  if (count === 0 || sides.length === 0 || sides.some(({ open }) => open)) return longest
  // a zero in block letters has straight sides too: around its loop it is equally thick everywhere
  const walls = [left - box.left, top - box.top, box.right - right, box.bottom - bottom]
  const even = Math.max(...walls) <= EVEN * Math.min(...walls) + 2
  return even && area >= LOOP_FILL * (right - left) * (bottom - top) ? 0 : longest
}

/**
 * Whether a piece is around a panel, or is the panel. Strokes that go far beyond a panel whose digits all touch its edges are ink with
 * a loop, and those digits the rounded corners of the loop: digits of a number that touch each other have such loops.
 */
export function surrounds({ boxes, areas }: Regions, k: number, panel: Panel): boolean {
  const { left, top, right, bottom } = boxes[k]
  if (!contains({ left: left - 2, top: top - 2, right: right + 2, bottom: bottom + 2 }, panel.box)) return false
  const [width, height] = [right - left, bottom - top]
  const far = Math.max(width / widthOf(panel.box), height / heightOf(panel.box)) > BEYOND
  return !far || areas[k] > STROKES * width * height || hasDigitInside(panel)
}

function hasDigitInside({ box, pieces, kinds }: Panel): boolean {
  return pieces.boxes.some(
    ({ left, top, right, bottom }, k) =>
      kinds[k] === DIGIT && left > box.left && top > box.top && right < box.right && bottom < box.bottom,
  )
}
