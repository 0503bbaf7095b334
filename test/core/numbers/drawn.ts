/** Digits as a careful hand draws them, and drawings of several of them. */

import { typescriptBackend } from '../../../core/backend/typescript.ts'
import type { Raster } from '../../../core/data/raster.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import { judge, sureOf } from '../../../core/models/verdict.ts'
import type { DigitDrawing } from '../../../core/numbers/pieces.ts'
import { readAtOnce } from '../../../core/numbers/read.ts'
import { textOf } from '../../../core/numbers/response.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { type ComposedNumber, drawNumber } from '../../../core/synthetic/numbers.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'

const ring = (cx: number, cy: number, rx: number, ry: number): [number, number][] =>
  Array.from({ length: 33 }, (_, k) => {
    const turn = (k * Math.PI) / 16 - Math.PI / 2
    return [cx + rx * Math.cos(turn), cy + ry * Math.sin(turn)]
  })

/** 100 units high, from the origin on. */
export const DRAWN: Readonly<Record<string, Strokes>> = {
  '0': [ring(30, 50, 30, 50)],
  '1': [
    [
      [10, 0],
      [10, 50],
      [10, 100],
    ],
  ],
  '4': [
    [
      [25, 0],
      [0, 60],
      [60, 60],
    ],
    [
      [45, 25],
      [42, 100],
    ],
  ],
  // its bar does not touch it
  '5': [
    [
      [10, 12],
      [8, 45],
      [30, 40],
      [50, 52],
      [54, 72],
      [40, 94],
      [20, 100],
      [0, 92],
    ],
    [
      [24, 2],
      [58, 0],
    ],
  ],
  '7': [
    [
      [0, 0],
      [60, 0],
      [20, 100],
    ],
  ],
}

/** The digits of a text beside each other, `gap` units apart; each line below the one before. */
export function strokesOf(text: string, gap = 30): Strokes {
  return text.split('\n').flatMap((line, row) => {
    let left = 0
    return [...line].flatMap((digit) => {
      const strokes = DRAWN[digit]
      const shift = left
      left += Math.max(...strokes.flat().map(([x]) => x)) + gap
      return strokes.map((stroke) => stroke.map(([x, y]): [number, number] => [x + shift, y + 150 * row]))
    })
  })
}

/** The picture of strokes, digits 80 px high. */
export function pictureOfStrokes(strokes: Strokes): Raster {
  const number: ComposedNumber = { text: '', strokes, pen: 9, height: 80 }
  return drawNumber(number)
}

const { card, data } = loadModel(`${SHIPPED_MODELS}/cnn-small`)
const model = createModel(typescriptBackend(modelMemory(card)), card, data)

/** Reads a drawing with cnn-small: its text, what was read, and how often the model was asked. */
export function readDrawn(drawing: DigitDrawing) {
  let questions = 0
  const digits = readAtOnce(drawing, (input) => {
    questions++
    const { probabilities, ...rest } = judge(model.scores(input), sureOf(card))
    return { model: card.id, version: card.version, probabilities: [...probabilities], ...rest }
  })
  return { text: textOf(digits), digits, questions }
}
