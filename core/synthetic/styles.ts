/**
 * Digits in the styles that people write them in, from skeletons with joints. Pseudo-writers keep their slant, pen, device and
 * most of their styles, so that a validation set can be split by writer.
 */

import type { Strokes } from '../protocol.ts'
import type { SyntheticDrawing } from './drawing.ts'
import { Draws } from './draws.ts'
import { ENOUGH_FOR_ENDS, hook, lengthen } from './ends.ts'
import { boxOf, drawnBy, type Hand, PENS } from './hand.ts'
import { ROUND_DIGITS } from './shapes/round.ts'
import { SQUARE_DIGITS } from './shapes/square.ts'
import type { Style } from './shapes/style.ts'
import { bevel, type Joint, type Place, shake, trace } from './skeleton.ts'

/** Drawings of one pseudo-writer, two of each digit. */
export const DRAWINGS_PER_WRITER = 20

/** How often a drawing has another style than its writer's. */
const OTHER_STYLE = 0.3

/** Widest 0 in square lettering, of its height, before it is turned: a square is no digit. */
const WIDEST_RECTANGLE = 0.74

/** Largest distance of points and cut of corners where a corner must stay sharp, of the digit's height. */
const SHARP_PACE = 0.08
const SHARP_CUT = 0.025

// Streams of core/random.ts: three to an index, so that writers and drawings share no draws.
const [WRITER, DRAWING, CHOICE, STREAMS] = [0, 1, 2, 4]

interface Writer extends Hand {
  readonly pen: number // px of the 112 px raster
  readonly lettering: readonly (readonly Style[])[] // [10]
  readonly square: number // how rectangular bowls are, 0..1
  readonly noise: number // of joints
  readonly corner: number // length that is cut off corners
  readonly curved: boolean // with a curve, not a bevel
  readonly careless: number // share of strokes with a hook or a longer end
  readonly angular: boolean // curves are polygons
}

/** The name of a style beside the drawing, for measuring. */
export interface StyledDigit extends SyntheticDrawing {
  readonly style: string
}

/**
 * A digit in one of its styles. The label is that of ten digits in a row, each once. The same on every machine.
 * @param seed u32
 * @param index below 2^30; 20 in a row are by one writer
 */
export function styledDigit(seed: number, index: number): StyledDigit {
  const number = Math.floor(index / DRAWINGS_PER_WRITER)
  const writer = writerOf(new Draws(seed, number * STREAMS + WRITER))
  const label = index % 10
  const draws = new Draws(seed, index * STREAMS + DRAWING)
  const usual = draws.chance(OTHER_STYLE) ? draws : new Draws(seed, (number * 10 + label) * STREAMS + CHOICE)
  const style = usual.weighted(writer.lettering[label])
  const joints = jointsOf(style, writer, draws)
  const hand = variant(writer, label, style.sharp === true, draws)
  if (label === 0 && writer.lettering === SQUARE_DIGITS) narrow(joints, hand)
  const lines = joints.map(trace)
  for (const line of lines) changeEnds(line, writer.careless, draws)
  const strokes = drawnBy(lines, hand, draws)
  const thickest = Math.min(style.pen, (style.pen * writer.aspect) / 0.85)
  const pen = Math.max(PENS.thinnest, Math.min(thickest, writer.pen * draws.between(0.85, 1.15)))
  return {
    label,
    style: style.name,
    writer: `style-${String(number).padStart(4, '0')}`,
    strokes: draws.chance(0.25) ? backwards(strokes) : strokes,
    pen: Math.floor(pen * 4 + 0.5) / 4,
  }
}

function jointsOf(style: Style, writer: Writer, draws: Draws): Joint[][] {
  const { strokes } = style.skeleton(draws, writer.square)
  const sharp = style.sharp === true
  shake(strokes, sharp ? writer.noise * 0.7 : writer.noise, draws)
  const cut = (sharp ? Math.min(writer.corner, SHARP_CUT) : writer.corner) * draws.between(0.5, 1)
  const bevelled = cut > 0.01 ? strokes.map((stroke) => bevel(stroke, cut, writer.curved)) : strokes
  return writer.angular && !sharp
    ? bevelled.map((stroke) => stroke.map(({ x, y }) => ({ x, y, corner: true })))
    : bevelled
}

function changeEnds(line: Place[], careless: number, draws: Draws): void {
  if (line.length < ENOUGH_FOR_ENDS || !draws.chance(careless)) return
  if (draws.chance(0.5)) lengthen(line, draws)
  else hook(line, draws)
}

/** Narrows a rectangle that would be taken for a square. */
function narrow(strokes: readonly (readonly Joint[])[], { aspect, slant }: Hand): void {
  const { width, height } = boxOf(strokes.map((stroke) => stroke.map(({ x, y }) => [x, y] as const)))
  const factor = Math.min(1, ((WIDEST_RECTANGLE - Math.abs(slant)) * height) / (width * aspect))
  for (const stroke of strokes) for (const joint of stroke) joint.x *= factor
}

function writerOf(draws: Draws): Writer {
  const thick = draws.uniform()
  const shaky = draws.uniform()
  const square = draws.uniform()
  const lettering = draws.chance(0.14) ? SQUARE_DIGITS : ROUND_DIGITS
  const device = draws.uniform()
  const slant = draws.chance(0.2) ? draws.between(-0.25, 0) : draws.between(0, 0.55) * draws.uniform()
  return {
    degrees: 7 * draws.centred(),
    aspect: draws.between(0.65, 1.3),
    slant: lettering === SQUARE_DIGITS ? slant * 0.4 : slant,
    warp: draws.between(0.02, 0.13),
    tremor: 0.03 * shaky * shaky,
    pace: device < 0.3 ? draws.between(0.1, 0.25) : draws.between(0.02, 0.1),
    size: Math.floor(draws.chance(0.25) ? draws.between(24, 60) : draws.between(60, 300)),
    pen: PENS.thinnest + (PENS.thickest - PENS.thinnest) * (0.4 * thick + 0.6 * thick * thick * thick),
    lettering,
    square: 0.7 * square * square,
    noise: draws.between(0.005, 0.045),
    corner: draws.chance(0.5) ? 0 : draws.between(0.02, 0.14),
    curved: draws.chance(0.7),
    angular: draws.chance(0.06),
    careless: draws.chance(0.6) ? 0 : draws.between(0.1, 0.5),
  }
}

/** The hand for one drawing of a writer. The angle of its upper stroke tells a 1 from a 7, so that they are turned less. */
function variant(writer: Writer, label: number, sharp: boolean, draws: Draws): Hand {
  const degrees = writer.degrees + 3 * draws.centred()
  const oneOrSeven = label === 1 || label === 7
  return {
    ...writer,
    degrees: oneOrSeven ? degrees * 0.4 : degrees,
    aspect: Math.max(writer.aspect, label === 7 ? 0.8 : 0) * draws.between(0.92, 1.08),
    pace: sharp ? Math.min(writer.pace, SHARP_PACE) : writer.pace,
    slant: (oneOrSeven || sharp ? 0.6 : 1) * writer.slant + 0.08 * draws.centred(),
  }
}

/** Every stroke, and all of them, from the end to the start. */
function backwards(strokes: Strokes): Strokes {
  return strokes.map((stroke) => [...stroke].reverse()).reverse()
}
