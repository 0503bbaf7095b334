/**
 * Augmentation: seeded random changes to training images, within the bounds of a recipe's `Augmentation`. Shift, rotation, scale,
 * shear and elastic displacement are one inverse mapping of the plane; before it, strokes become thicker or thinner.
 */

import { PIXELS, SIDE } from '../data/dataset.ts'
import type { Augmentation } from '../models/recipe.ts'
import { philox } from '../random.ts'
import { affine, inverse, type Matrix } from './affine.ts'
import { displaceRow, VECTORS } from './elastic.ts'
import { REACH, resampleRow } from './resample.ts'
import { type Box, MARGIN, moveEdges, PADDED } from './stroke.ts'

/** Column and row of the pixel that holds a preprocessed digit's centre of mass: the origin of rotation, scale and shear. */
const CENTRE = SIDE / 2

/** Largest value of each bound. Beyond it digits are not recognisable, or the arithmetic is not valid. */
const LIMITS: Required<Augmentation> = { shift: 8, rotate: 45, scale: 0.5, shear: 1, elastic: 14, thickness: 2 }
const NONE: Required<Augmentation> = { shift: 0, rotate: 0, scale: 0, shear: 0, elastic: 0, thickness: 0 }

/** Draws of an image, and which is for what: fixed, so that changing one bound does not change the effect of another. */
const DRAWS = 64
const DRAW = { shiftX: 0, shiftY: 1, rotate: 2, scale: 3, scaleX: 4, scaleY: 5, shear: 6, thickness: 7, elastic: 8 }

/**
 * Writes a changed copy of one image; the same bytes on every machine. The changes depend on seed, stream and index only.
 * @param output 784 bytes; may be `input`
 * @param input 784 bytes, 28x28 row-major, 0 paper, 255 ink, as `preprocess` returns them
 * @param seed u32
 * @param stream u32, another in every epoch
 * @param index of the image in its set, below 2^26
 */
export type Augmenter = (output: Uint8Array, input: Uint8Array, seed: number, stream: number, index: number) => void

/**
 * Creates an augmenter, with 20 KiB of working memory.
 * @throws RangeError naming a bound that is negative or too large
 */
export function createAugmenter(augmentation: Augmentation): Augmenter {
  const bound = checked(augmentation)
  if (Object.values(bound).every((value) => value === 0))
    return (output, input) => output.set(input.subarray(0, PIXELS))
  const [padded, stroked] = [new Float64Array(PADDED * PADDED), new Float64Array(PADDED * PADDED)]
  const [vectorsX, vectorsY] = [new Float64Array(VECTORS), new Float64Array(VECTORS)]
  const [rowX, rowY, columns] = [new Float64Array(SIDE), new Float64Array(SIDE), new Float64Array(SIDE)]
  const [placesX, placesY] = [new Float64Array(SIDE), new Float64Array(SIDE)]

  return (output, input, seed, stream, index) => {
    const base = index * DRAWS
    const draw = (place: number): number => philox(seed, stream, base + place) / 2_147_483_648 - 1 // in [-1, 1)
    let ink = pad(padded, input)
    if (ink === undefined) {
      output.fill(0, 0, PIXELS)
      return
    }
    let picture = padded
    let gain = 1
    if (bound.thickness > 0) {
      picture = stroked
      const by = (bound.thickness / 2) * draw(DRAW.thickness) // a stroke has two edges
      ink = enlarge(ink, 1)
      gain = moveEdges(stroked, padded, by, ink)
    }
    const scale = bound.scale * draw(DRAW.scale)
    const forward = affine(
      bound.rotate * draw(DRAW.rotate),
      1 + (scale + bound.scale * draw(DRAW.scaleX)) / 2,
      1 + (scale + bound.scale * draw(DRAW.scaleY)) / 2,
      bound.shear * draw(DRAW.shear),
    )
    const { a, b, c, d } = inverse(forward)
    const shiftX = bound.shift * draw(DRAW.shiftX)
    const shiftY = bound.shift * draw(DRAW.shiftY)
    if (bound.elastic > 0) drawVectors(vectorsX, vectorsY, bound.elastic, seed, stream, base + DRAW.elastic)

    const source = enlarge(ink, REACH)
    const target = reachable(source, bound.elastic, forward, shiftX, shiftY)
    output.fill(0, 0, PIXELS)
    for (let y = target.top; y <= target.bottom; y++) {
      if (bound.elastic > 0) {
        displaceRow(rowX, vectorsX, columns, y, target.left, target.right)
        displaceRow(rowY, vectorsY, columns, y, target.left, target.right)
      }
      const fromY = y - CENTRE - shiftY
      for (let x = target.left, i = 0; x <= target.right; x++, i++) {
        const fromX = x - CENTRE - shiftX
        placesX[i] = MARGIN + CENTRE + a * fromX + b * fromY + rowX[x]
        placesY[i] = MARGIN + CENTRE + c * fromX + d * fromY + rowY[x]
      }
      const count = target.right - target.left + 1
      resampleRow(output, y * SIDE + target.left, picture, placesX, placesY, source, gain, count)
    }
  }
}

/** Copies an image into the middle of a padded picture; returns the box of its ink there, undefined if there is none. */
function pad(padded: Float64Array, input: Uint8Array): Box | undefined {
  let left = SIDE
  let right = -1
  let top = SIDE
  let bottom = -1
  for (let y = 0, i = 0; y < SIDE; y++) {
    const p = (y + MARGIN) * PADDED + MARGIN
    for (let x = 0; x < SIDE; x++, i++) {
      const level = input[i]
      padded[p + x] = level
      if (level === 0) continue
      if (x < left) left = x
      if (x > right) right = x
      if (top === SIDE) top = y
      bottom = y
    }
  }
  if (bottom < 0) return undefined
  return { left: MARGIN + left, right: MARGIN + right, top: MARGIN + top, bottom: MARGIN + bottom }
}

/** A box with `by` more px on every side, but within the part of a padded picture that can be interpolated. */
function enlarge(box: Box, by: number): Box {
  return {
    left: Math.max(1, box.left - by),
    right: Math.min(PADDED - REACH, box.right + by),
    top: Math.max(1, box.top - by),
    bottom: Math.min(PADDED - REACH, box.bottom + by),
  }
}

/** The box of the result whose pixels come from within a box of the padded picture, or from `slack` px around it. */
function reachable(box: Box, slack: number, { a, b, c, d }: Matrix, shiftX: number, shiftY: number): Box {
  const middleX = (box.left + box.right) / 2 - MARGIN - CENTRE
  const middleY = (box.top + box.bottom) / 2 - MARGIN - CENTRE
  const halfX = (box.right - box.left) / 2 + slack
  const halfY = (box.bottom - box.top) / 2 + slack
  const x = CENTRE + shiftX + a * middleX + b * middleY
  const y = CENTRE + shiftY + c * middleX + d * middleY
  const reachX = Math.abs(a) * halfX + Math.abs(b) * halfY
  const reachY = Math.abs(c) * halfX + Math.abs(d) * halfY
  return {
    left: Math.max(0, Math.floor(x - reachX)),
    right: Math.min(SIDE - 1, Math.ceil(x + reachX)),
    top: Math.max(0, Math.floor(y - reachY)),
    bottom: Math.min(SIDE - 1, Math.ceil(y + reachY)),
  }
}

/** Draws the vectors of an elastic displacement; both components lie in [-most, most) px and take 16 bits of one draw. */
function drawVectors(x: Float64Array, y: Float64Array, most: number, seed: number, stream: number, at: number): void {
  for (let i = 0; i < VECTORS; i++) {
    const bits = philox(seed, stream, at + i)
    x[i] = most * ((bits >>> 16) / 32_768 - 1)
    y[i] = most * ((bits & 0xffff) / 32_768 - 1)
  }
}

function checked(augmentation: Augmentation): Required<Augmentation> {
  const bound = { ...NONE, ...augmentation }
  for (const name of Object.keys(NONE) as (keyof Augmentation)[]) {
    if (!(bound[name] >= 0 && bound[name] <= LIMITS[name])) {
      throw new RangeError(`augmentation: ${name} must lie between 0 and ${LIMITS[name]}, got ${bound[name]}`)
    }
  }
  return bound
}
