/** Photographs and scans: shadows, lines on the paper, dithering. The drawing is read, whatever lies on its paper. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { LIT_KINDS, litPicture } from '../../lit-pictures.ts'

/** A ring around (x, y), which is a polygon of 16 corners on a circle: its sines are square roots of rationals, rounded. */
function ring(x: number, y: number, radius: number): [number, number][] {
  const corners = [0, 0.383, 0.71, 0.924, 1, 0.924, 0.71, 0.383, 0, -0.383, -0.71, -0.924, -1, -0.924, -0.71, -0.383, 0]
  return corners.map((sine, k) => [x + radius * sine, y - radius * corners[(k + 4) % 16]])
}

/** Ten digits, each at its index. */
const DIGITS: Strokes[] = [
  [ring(50, 50, 34)],
  [
    [
      [38, 30],
      [52, 12],
      [50, 88],
    ],
  ],
  [
    [
      [26, 30],
      [36, 15],
      [56, 12],
      [70, 26],
      [62, 46],
      [26, 86],
      [76, 86],
    ],
  ],
  [
    [
      [28, 20],
      [50, 12],
      [68, 26],
      [60, 42],
      [44, 47],
      [62, 52],
      [72, 68],
      [56, 86],
      [26, 80],
    ],
  ],
  [
    [
      [40, 12],
      [22, 58],
      [78, 58],
    ],
    [
      [62, 34],
      [58, 90],
    ],
  ],
  [
    [
      [68, 14],
      [36, 14],
      [32, 46],
      [54, 42],
      [70, 56],
      [66, 78],
      [46, 88],
      [26, 80],
    ],
  ],
  [
    [
      [62, 12],
      [44, 30],
      [34, 56],
      [34, 74],
      [46, 88],
      [62, 84],
      [70, 70],
      [62, 56],
      [48, 54],
      [36, 66],
    ],
  ],
  [
    [
      [26, 16],
      [74, 16],
      [60, 44],
      [44, 88],
    ],
  ],
  [ring(50, 31, 17), ring(50, 68, 20)],
  [
    ring(48, 33, 19),
    [
      [67, 33],
      [66, 60],
      [58, 88],
    ],
  ],
]

let recognizer: Recognizer

beforeAll(async () => {
  recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))
})

/** Of ten digits, those that are read at least. Dithered by a random threshold for every pixel, two may be unsure. */
const least = (kind: string): number => (kind === 'noise dither' ? 8 : 9)

describe('of ten digits nearly all are read, and none is wrong at 90 % or more', () => {
  it.each(LIT_KINDS)('%s', (kind) => {
    const answers = DIGITS.map((strokes, digit) => {
      try {
        const answer = recognizer.recognize(preprocess(litPicture(kind, strokes, 14, digit)))
        return answer.digit === digit ? 'right' : `${digit} as ${answer.digit} at ${answer.confidence}`
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return error.code
      }
    })
    expect(answers.filter((answer) => answer === 'right').length, answers.join(', ')).toBeGreaterThanOrEqual(
      least(kind),
    )
    expect(answers.filter((answer) => / at (1|0\.9)/.test(answer))).toEqual([])
  })
})

describe('on paper of one colour', () => {
  /** A ring with soft edges on a square picture of 280 px, or more: its middle is `radius` px from that of the picture. */
  function ringPicture(side: number, radius: number): Raster {
    const data = new Uint8Array(side * side)
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const [dx, dy] = [x + 0.5 - side / 2, y + 0.5 - side / 2]
        const inside = 10 - Math.abs(Math.sqrt(dx * dx + dy * dy) - radius) // px, from the edge of the stroke
        data[y * side + x] = 60 + 80 * Math.max(0, Math.min(1, inside / 6 + 0.5))
      }
    }
    return { width: side, height: side, channels: 1, data }
  }

  it.each([130, 134])('a stroke along all four edges is ink as a whole: a ring of radius %i', (radius) => {
    const inkOf = (picture: Raster) => preprocess(picture).reduce((sum, v) => sum + v, 0)
    const [touching, free] = [inkOf(ringPicture(280, radius)), inkOf(ringPicture(400, radius))]
    expect(Math.abs(touching - free) / free).toBeLessThan(0.05)
  })
})

it('lines as dark and as wide as the drawing are refused in words: 422 no_background', () => {
  const side = 200
  const data = new Uint8Array(side * side).fill(250)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) if (y % 20 < 3 || (x > 90 && x < 94 && y > 30 && y < 170)) data[y * side + x] = 20
  }
  expect(() => preprocess({ width: side, height: side, channels: 1, data })).toThrow(
    expect.objectContaining({ status: 422, code: 'no_background', message: expect.stringMatching(/lines across/) }),
  )
})
