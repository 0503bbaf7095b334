/** Two drawings beside each other: no digit, but the beginning of a number. */

import { OTHER } from '../data/dataset.ts'
import type { Strokes } from '../protocol.ts'
import { Random } from '../random.ts'
import type { SyntheticDrawing } from './drawing.ts'
import { between } from './others/notation.ts'

const HEIGHT = 100 // of the first drawing, in the result
const NARROW = 25 // narrower drawings neither touch nor overlap another
const APART = 7 // least distance of those

/**
 * Both drawings as one, spaced, touching or overlapping a little, of about the same height and on about the same line. Pairs of a pair
 * and a digit are three digits. Of the writer of the first.
 */
export function pairOf(a: SyntheticDrawing, b: SyntheticDrawing, seed: number, index: number): SyntheticDrawing {
  const random = new Random(seed, index)
  const [first, second] = [boxOf(a.strokes), boxOf(b.strokes)]
  const scale = HEIGHT / Math.max(first.height, first.width / 3, 1e-9)
  const left = moved(a.strokes, first, scale, 0, 0)
  // a line that lies would become huge at the height of the other
  const like = Math.max(second.height, second.width * 0.6, 1e-9)
  const other = (first.height * scale * between(random, 0.7, 1.35)) / like
  const manner = random.uniform()
  const wanted =
    manner < 0.45 ? between(random, 8, 60) : manner < 0.75 ? between(random, -3, 8) : between(random, -12, -3)
  // inside of the other drawing a narrow one, such as a 1, could make another digit of it
  const narrower = Math.min(first.width * scale, second.width * other)
  const gap = Math.max(wanted, narrower < NARROW ? APART : -0.2 * narrower)
  const x = first.width * scale + gap
  const y = between(random, -18, 18) + (first.height * scale - second.height * other) / 2
  const pen = a.pen ?? between(random, 4, 11)
  return { label: OTHER, writer: a.writer, strokes: [...left, ...moved(b.strokes, second, other, x, y)], pen }
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function boxOf(strokes: Strokes): Box {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  return { left, top, width: right - left, height: bottom - top }
}

function moved(strokes: Strokes, { left, top }: Box, scale: number, x: number, y: number): Strokes {
  return strokes.map((stroke) => stroke.map(([px, py]) => [(px - left) * scale + x, (py - top) * scale + y] as const))
}
