/** The `pixels` of a prediction: 784 numbers, flat or in rows, 0..1 or 0..255. */

import { PIXELS, SIDE } from '../../../core/data/dataset.ts'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'

/** Depth to which lists are looked into: 1x1x28x28 and 1x28x28x1 have four. */
const DEPTH = 6

/** Dimensions that are named in a refusal, at most. */
const NAMED = 4

const EXPECTED = 'expected 0 to 1, or 0 to 255'

/**
 * 784 numbers row by row, in any regular nesting: 784, 28x28, 1x28x28, 28x28x1. A list whose largest number is over 1 is of
 * levels 0..255, any other of 0..1. As levels, numbers below 2 are no ink: 1.0001 is one of 0..1 that is too large.
 * @throws InputError 422 bad_pixels with the shape that came, or with the place of a number that is none of these
 */
export function readPixels(pixels: unknown): Raster {
  const shape = shapeOf(pixels)
  const sides = shape.filter((size) => size !== 1)
  const flat = sides.length === 1 && sides[0] === PIXELS
  const square = sides.length === 2 && sides[0] === SIDE && sides[1] === SIDE
  if (!flat && !square) throw badShape(pixels, shape)
  const values: unknown[] = []
  collect(values, pixels, shape)
  let most = 0
  for (const [k, value] of values.entries()) {
    if (typeof value !== 'number') throw badPixels(`pixels must be numbers, ${place(k)} is not`)
    if (!(value >= 0 && value <= 255)) throw badPixels(`${outOf(value)} at ${place(k)}: ${EXPECTED}`)
    if (value > (values[most] as number)) most = k
  }
  const largest = values[most] as number
  if (largest > 1 && largest < 2) throw badPixels(`more than 1 and less than 2 at ${place(most)}: ${EXPECTED}`)
  const scale = largest > 1 ? 1 : 255
  return {
    width: SIDE,
    height: SIDE,
    channels: 1,
    data: Uint8Array.from(values as number[], (v) => Math.round(v * scale)),
  }
}

/** Lengths of the lists, the outermost first, each taken from the first list at its depth. */
function shapeOf(value: unknown): number[] {
  const shape: number[] = []
  for (let list = value; Array.isArray(list) && shape.length < DEPTH; list = list[0]) shape.push(list.length)
  return shape
}

/** Appends the values of lists of that shape. */
function collect(values: unknown[], list: unknown, [size, ...inner]: readonly number[]): void {
  if (size === undefined) values.push(list)
  else if (!Array.isArray(list) || list.length !== size)
    throw badPixels('the lists in pixels must have the same length')
  else for (const item of list) collect(values, item, inner)
}

function badShape(pixels: unknown, shape: readonly number[]): InputError {
  if (!Array.isArray(pixels)) return badPixels('pixels must be a list of 784 numbers, or 28 lists of 28')
  const named = shape.slice(0, NAMED).join('x') + (shape.length > NAMED ? 'x...' : '')
  return badPixels(`pixels must be 784 numbers or 28x28, got ${shape.length === 1 ? `a list of ${named}` : named}`)
}

function outOf(value: number): string {
  return value < 0 ? 'a number below 0' : 'a number above 255'
}

function place(k: number): string {
  return `number ${k} (row ${Math.floor(k / SIDE)}, column ${k % SIDE}, from 0)`
}

function badPixels(detail: string): InputError {
  return new InputError(422, 'bad_pixels', detail)
}
