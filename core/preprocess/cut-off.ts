/**
 * Digits that run off the edge of the picture: what is beyond it is guessed from the ends that are cut. Two ends that lean towards each
 * other are the two sides of a bow, a single one is a line that goes on.
 */

import type { Ink } from './ink.ts'

/** A cut end is as wide as the line behind it, within these factors; the tip of a whole line is narrower, one along the edge wider. */
const NARROWEST = 0.8
const WIDEST = 1.8

/** Shorter side of a picture, px, at least: in smaller ones, MNIST's among them, ends are too coarse to tell. */
const LEAST_SIDE = 32

/** Lines have at least this width, px, and at most this share of the drawing's longer side; where it goes is seen within such a share. */
const LEAST_WIDTH = 3
const MOST_WIDTH = 0.3
const DEPTH = 0.12

/** Ends lean towards each other by this much in all, px per px, at least. */
const LEAN = 0.15

/** A bow is as high as the circle through both ends, up to this share of the drawing's longer side; it is narrower than that side. */
const HIGHEST = 0.25
const BROADEST = 0.95

/** A line goes on for this share of the drawing's longer side, unless it runs along the edge, px per px. */
const LONGER = 0.15
const STEEPEST = 2

/** Pieces of a bow. */
const PIECES = 12

/** Row-major amounts of ink. */
interface Sheet {
  readonly width: number // px
  readonly height: number // px
  readonly amount: Uint8Array
}

/** Pixels of a row from `from` to `to`. */
interface Run {
  readonly from: number
  readonly to: number
}

/** A line that is cut off at the top. */
interface End {
  readonly at: number // px, its middle
  readonly lean: number // px to the right per px upwards
  readonly pen: number // px, its width across
}

type Points = readonly (readonly [x: number, y: number])[]

/** The drawing on a larger sheet, with what is missing beyond an edge; the same drawing where nothing is cut off. */
export function completeCutOff(ink: Ink): Ink {
  const { width, height, amount, solid } = ink
  if (Math.min(width, height) < LEAST_SIDE) return ink
  const touched = [false, false, false, false] // top, right, bottom, left
  for (let x = 0; x < width; x++) {
    if (amount[x] >= solid) touched[0] = true
    if (amount[(height - 1) * width + x] >= solid) touched[2] = true
  }
  for (let y = 0; y < height; y++) {
    if (amount[y * width] >= solid) touched[3] = true
    if (amount[y * width + width - 1] >= solid) touched[1] = true
  }
  // a digit that reaches from edge to edge was cropped to its box
  if ((touched[0] && touched[2]) || (touched[1] && touched[3]) || !touched.includes(true)) return ink
  let sheet: Sheet = ink
  for (const [turns, side] of [0, 3, 2, 1].entries()) {
    // turned clockwise, the left side comes to the top first
    if (!touched[side]) continue
    const turned = turn(sheet, turns)
    const completed = completeTop(turned, solid)
    if (completed !== turned) sheet = turn(completed, 4 - turns)
  }
  return sheet === ink ? ink : { ...ink, ...sheet }
}

/** The sheet turned clockwise by so many quarters. */
function turn(sheet: Sheet, quarters: number): Sheet {
  let turned = sheet
  for (let k = 0; k < quarters % 4; k++) {
    const { width, height, amount } = turned
    const out = new Uint8Array(amount.length)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) out[x * height + height - 1 - y] = amount[p]
    }
    turned = { width: height, height: width, amount: out }
  }
  return turned
}

function completeTop(sheet: Sheet, solid: number): Sheet {
  const longer = longerSide(sheet, solid)
  const runs = runsOf(sheet, 0, solid)
  const ends = runs.length <= 2 ? runs.map((run) => findEnd(sheet, run, longer, solid)) : []
  const [a, b] = ends
  if (!a || ends.includes(undefined)) return sheet
  const line = b ? bow(a, b, longer) : goOn(a, longer)
  return line ? drawAbove(sheet, line, Math.min(a.pen, (b ?? a).pen)) : sheet
}

/** Longer side of the box of all ink, px. */
function longerSide(sheet: Sheet, solid: number): number {
  let [left, right, top, bottom] = [sheet.width, 0, sheet.height, 0]
  for (let y = 0; y < sheet.height; y++) {
    for (const { from, to } of runsOf(sheet, y, solid)) {
      left = Math.min(left, from)
      right = Math.max(right, to)
      top = Math.min(top, y)
      bottom = y
    }
  }
  return Math.max(right - left, bottom - top) + 1
}

function runsOf({ width, amount }: Sheet, y: number, solid: number): Run[] {
  const runs: Run[] = []
  const base = y * width
  for (let x = 0; x < width; x++) {
    if (amount[base + x] < solid) continue
    const from = x
    while (x < width && amount[base + x] >= solid) x++
    runs.push({ from, to: x - 1 })
  }
  return runs
}

/** The line that is cut where it has the given run in the top row; undefined if it isn't one, or isn't cut. */
function findEnd(sheet: Sheet, top: Run, longer: number, solid: number): End | undefined {
  const width = top.to - top.from + 1
  if (width > MOST_WIDTH * longer) return undefined
  const depth = Math.max(2, Math.round(Math.min(width, longer * DEPTH)))
  let run = top
  for (let y = 1; y <= depth && y < sheet.height; y++) {
    const below = runsOf(sheet, y, solid).filter(({ from, to }) => from <= run.to + 1 && to >= run.from - 1)
    if (below.length !== 1) return undefined
    run = below[0]
  }
  const behind = run.to - run.from + 1
  if (behind < LEAST_WIDTH || width < NARROWEST * behind || width > WIDEST * behind) return undefined
  const at = (top.from + top.to) / 2
  const lean = (at - (run.from + run.to) / 2) / depth
  return { at, lean, pen: behind / Math.sqrt(1 + lean * lean) }
}

/** Half an ellipse from a to b, which are from left to right. */
function bow(a: End, b: End, longer: number): Points | undefined {
  const lean = a.lean - b.lean
  const half = (b.at - a.at) / 2
  if (lean <= LEAN || 2 * half >= BROADEST * longer) return undefined
  const slope = lean / 2
  const high = Math.min(half * (Math.sqrt(1 + slope * slope) - slope), HIGHEST * longer)
  return Array.from({ length: PIECES + 1 }, (_, k) => {
    const u = (2 * k) / PIECES - 1
    return [a.at + half * (1 + u), -high * Math.sqrt(1 - u * u)] as const
  })
}

function goOn({ at, lean }: End, longer: number): Points | undefined {
  if (Math.abs(lean) >= STEEPEST) return undefined
  const up = (LONGER * longer) / Math.sqrt(1 + lean * lean)
  return [[at, 0], [at + lean * up, -up]] // biome-ignore format: a line
}

/** The sheet with room around it, and the line in the room above. */
function drawAbove(sheet: Sheet, line: Points, pen: number): Sheet {
  const room = Math.ceil(pen - Math.min(...line.map(([, y]) => y)))
  const beside = 2 * room
  const width = sheet.width + 2 * beside
  const height = sheet.height + room
  const amount = new Uint8Array(width * height)
  let full = 0
  for (let y = 0; y < sheet.height; y++) {
    const row = sheet.amount.subarray(y * sheet.width, (y + 1) * sheet.width)
    amount.set(row, (y + room) * width + beside)
    for (const v of row) if (v > full) full = v
  }
  for (let k = 1; k < line.length; k++) {
    const [ax, ay] = line[k - 1]
    const [dx, dy] = [line[k][0] - ax, line[k][1] - ay]
    const squared = dx * dx + dy * dy
    for (let y = -room; y < 0; y++) {
      for (let x = Math.max(-beside, Math.floor(ax + Math.min(0, dx) - pen)); x <= ax + Math.max(0, dx) + pen; x++) {
        if (x >= sheet.width + beside) break
        const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / squared))
        const [ex, ey] = [x - ax - t * dx, y - ay - t * dy]
        const inside = Math.max(0, Math.min(1, pen / 2 + 0.5 - Math.sqrt(ex * ex + ey * ey)))
        const p = (y + room) * width + x + beside
        amount[p] = Math.max(amount[p], Math.floor(full * inside))
      }
    }
  }
  return { width, height, amount }
}
