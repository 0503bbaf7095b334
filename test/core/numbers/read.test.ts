/** Reading numbers from strokes and pictures, with a small shipped model. */

import { describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import type { DigitDrawing } from '../../../core/numbers/pieces.ts'
import { MAX_DIGITS, readAtOnce } from '../../../core/numbers/read.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { Recognition } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { DRAWN, pictureOfStrokes, readDrawn, strokesOf } from './drawn.ts'

function refusal(drawing: DigitDrawing): string {
  try {
    return `read ${readDrawn(drawing).text}`
  } catch (error) {
    if (error instanceof InputError) return `${error.status} ${error.code}`
    throw error
  }
}

describe('a number', () => {
  const texts = ['10', '47', '51', '7014', '540']

  it.each(texts)('%s is read from strokes', (text) => {
    expect(readDrawn({ strokes: strokesOf(text) }).text).toBe(text)
  })

  it.each(texts)('%s is read from a picture', (text) => {
    expect(readDrawn({ raster: pictureOfStrokes(strokesOf(text)) }).text).toBe(text)
  })

  it('of touching digits is read from a picture', () => {
    expect(readDrawn({ raster: pictureOfStrokes(strokesOf('47', 0)) }).text).toBe('47')
  })

  it('that is far wider than high is more than one digit, even to a model that takes the whole for one', () => {
    const drawing = { strokes: strokesOf('7014') }
    const whole = preprocess(rasterizeStrokes(drawing.strokes))
    const certain = Array.from({ length: 10 }, (_, k) => (k === 8 ? 1 : 0))
    const ask = (input: Uint8Array): Recognition => {
      const other = input.every((v, p) => v === whole[p]) ? 0 : 0.999
      return { model: 'test', version: 1, digit: 8, confidence: 1, probabilities: certain, other, verdict: 'digit' }
    }
    expect(readAtOnce(drawing, ask).length).toBeGreaterThan(1)
  })

  it('in two lines is read from top to bottom', () => {
    const read = readDrawn({ strokes: strokesOf('14\n70') })
    expect(read.text).toBe('14\n70')
    expect(read.digits.map(({ line }) => line)).toEqual([0, 0, 1, 1])
    expect(readDrawn({ raster: pictureOfStrokes(strokesOf('14\n70')) }).text).toBe('14\n70')
  })

  it('has the box of each digit, in the unit of its strokes', () => {
    const { digits } = readDrawn({ strokes: strokesOf('47') })
    expect(digits.map(({ box }) => box)).toEqual([
      { left: 0, top: 0, width: 60, height: 100 },
      { left: 90, top: 0, width: 60, height: 100 },
    ])
  })

  it('in a frame has boxes in px of the whole picture', () => {
    const { width, height, data } = pictureOfStrokes(strokesOf('47'))
    const plain = readDrawn({ raster: { width, height, channels: 1, data } }).digits.map(({ box }) => box)
    const wide = width + 40
    const framed = new Uint8Array(wide * (height + 40))
    for (let y = 0; y < height; y++) framed.set(data.subarray(y * width, (y + 1) * width), (y + 20) * wide + 20)
    const read = readDrawn({ raster: { width: wide, height: height + 40, channels: 1, data: framed } })
    expect(read.text).toBe('47')
    expect(read.digits.map(({ box }) => ({ ...box, left: box.left - 20, top: box.top - 20 }))).toEqual(plain)
  })

  it('of one digit gives the model the bytes that a prediction gives it', () => {
    for (const strokes of Object.values(DRAWN)) {
      const raster = pictureOfStrokes(strokes)
      expect(readDrawn({ strokes }).digits.map(({ input }) => input)).toEqual([preprocess(rasterizeStrokes(strokes))])
      expect(readDrawn({ raster }).digits.map(({ input }) => input)).toEqual([preprocess(raster)])
    }
  })

  it('has drawings of its digits that give the bytes that the model got', () => {
    for (const drawing of [{ strokes: strokesOf('4510') }, { raster: pictureOfStrokes(strokesOf('4510')) }]) {
      for (const digit of readDrawn(drawing).digits) {
        const own = digit.drawing()
        const raster = 'raster' in own ? own.raster : rasterizeStrokes(own.strokes)
        expect(preprocess(raster)).toEqual(digit.input)
      }
    }
  })

  it(`of ${MAX_DIGITS} digits is read with at most 500 questions, and of one more is refused`, () => {
    const read = readDrawn({ strokes: strokesOf('7'.repeat(MAX_DIGITS)) })
    expect(read.text).toBe('7'.repeat(MAX_DIGITS))
    expect(read.questions).toBeLessThan(500)
    expect(refusal({ strokes: strokesOf('7'.repeat(MAX_DIGITS + 1)) })).toBe('422 too_many_digits')
  })
})

describe('what is no number', () => {
  const blank = (width: number, height: number) =>
    ({ width, height, channels: 1, data: new Uint8Array(width * height).fill(255) }) as const

  it('is refused where there is no ink, or only dots', () => {
    expect(refusal({ raster: blank(60, 40) })).toBe('422 blank_image')
    const dot = blank(60, 40)
    for (const p of [1224, 1225, 1284, 1285]) dot.data[p] = 0
    expect(refusal({ raster: dot })).toBe('422 too_little_ink')
    expect(refusal({ strokes: [] })).toBe('422 no_strokes')
  })

  it('is refused where the ink is in more than 256 pieces', () => {
    const strokes = Array.from({ length: 300 }, (_, k) => [[10 * k, 0] as const, [10 * k, 9] as const])
    expect(refusal({ strokes })).toBe('422 too_many_parts')
    const bars = blank(1000, 40)
    for (let x = 0; x < 1000; x += 3) for (let y = 2; y < 38; y++) bars.data[y * 1000 + x] = 0
    expect(refusal({ raster: bars })).toBe('422 too_many_parts')
  })
})
