/** Digits at borders: choosing them, their numbers as bytes, and which lessons are held back for them. */

import { describe, expect, test } from 'vitest'
import {
  type BorderSource,
  CANDIDATES,
  chooseBorder,
  createBorderSource,
  drawBorder,
  findBorder,
  packBorder,
  unpackBorder,
} from '../../../core/learning/border.ts'
import {
  borderAnswer,
  movedBorders,
  ofMovedPairs,
  ofMovedRivals,
  ofStrangers,
} from '../../../core/learning/border-check.ts'
import { NOT_A_DIGIT } from '../../../core/learning/round.ts'
import { REPLAY_SET } from './digits.ts'

const ALL = CANDIDATES.generated + CANDIDATES.styled

/** Every hundredth candidate is an image: its first byte the digit, its second the probability of the digit after that in percent. */
const source: BorderSource = {
  draw(target, number) {
    if (number % 100 !== 0) return undefined
    target[0] = (number / 100) % 10
    target[1] = (number / 1000) % 60
    return target[0]
  },
}

const model = {
  scores(image: Uint8Array) {
    const scores = new Float32Array(10)
    scores[(image[0] + 1) % 10] = image[1] / 100
    scores[image[0]] = 1 - image[1] / 100
    return scores
  },
}

describe('chosen digits', () => {
  const choice = chooseBorder(findBorder(model, source))

  test('are answered rightly, and nearest to the border: at most 24 of each kind and pair', () => {
    const drawing = drawBorder(choice, source)
    while (drawing.draw());
    const { images, labels, rivals } = drawing.digits
    expect(labels.length).toBe(choice.numbers.length)
    for (const [i, label] of labels.entries()) {
      expect(images[i * 784]).toBe(label)
      expect(rivals[i]).toBe((label + 1) % 10)
      expect(images[i * 784 + 1]).toBeLessThanOrEqual(45)
      expect(images[i * 784 + 1]).toBeGreaterThanOrEqual(19) // there are a third more, from 11 on
    }
    expect([...choice.counts].filter((count) => count > 0)).toEqual(Array(10).fill(48))
  })

  test('survive as bytes, about two for each', () => {
    const bytes = packBorder(choice)
    expect(unpackBorder(bytes)).toEqual(choice)
    expect(bytes.length).toBeLessThan(100 + 3 * choice.numbers.length)
  })

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, -1)],
    ['longer', (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
    ['empty', () => new Uint8Array()],
    ['of numbers that are none', () => Uint8Array.from([1, ...Array(99).fill(0), 255, 255, 127])],
  ])('whose bytes are %s are refused', (_, damage) => {
    expect(() => unpackBorder(damage(packBorder(choice)))).toThrow(RangeError)
  })

  test('come from the generator beyond what rounds replay, and from styles', () => {
    const drawn: number[] = []
    const images = createBorderSource({
      draw: (target, index) => {
        drawn.push(index)
        return REPLAY_SET.draw(target, index)
      },
    })
    const image = new Uint8Array(784)
    images.draw(image, 0)
    expect(drawn).toEqual([16_384])
    expect(images.draw(image, ALL - 1)).toBe((CANDIDATES.styled - 1) % 10)
    expect(image.some((ink) => ink > 0)).toBe(true)
    expect(drawn).toHaveLength(1)
  })
})

describe('borders', () => {
  const labels = Uint8Array.from({ length: 48 }, (_, i) => (i < 24 ? 4 : 7))
  const rivals = labels.map((label) => (label === 4 ? 9 : 2))
  const right = new Uint8Array(48).fill(1)
  const without = (...turned: number[]) => right.map((one, i) => (turned.includes(i) ? 0 : one))

  test('are moved when more than an eighth of the digits of a pair turn', () => {
    expect(movedBorders({ labels, rivals }, right, right).size).toBe(0)
    expect(movedBorders({ labels, rivals }, right, without(0, 1, 2)).size).toBe(0)
    expect([...movedBorders({ labels, rivals }, right, without(0, 1, 2, 3, 40))]).toEqual([49])
  })

  test('are not moved by digits that the shipped model answers wrongly, nor by those that become right', () => {
    expect(movedBorders({ labels, rivals }, without(0, 1, 2, 3), without(0, 1, 2, 3)).size).toBe(0)
    expect(movedBorders({ labels, rivals }, without(0, 1, 2, 3), right).size).toBe(0)
  })

  test('are moved by digits that are turned away, too', () => {
    expect(borderAnswer(4, { digit: 4, verdict: 'unsure' })).toBe(1)
    expect(borderAnswer(4, { digit: 4, verdict: 'not-a-digit' })).toBe(0)
    expect(borderAnswer(4, { digit: 9, verdict: 'digit' })).toBe(0)
  })
})

describe('lessons that may have moved a border', () => {
  const lesson = (answer: number, label: number, fromOwner = false) => ({ answer, label, fromOwner })
  const moved = new Set([49])

  test('are those that call the digit its rival, or no digit', () => {
    const taught = [lesson(4, 9), lesson(4, 4), lesson(9, 4), lesson(4, NOT_A_DIGIT), lesson(7, 9)]
    expect(ofMovedPairs(taught, moved)).toEqual([true, false, false, true, false])
  })

  test('are also those with the label of the rival, and else all of strangers', () => {
    expect(ofMovedRivals([lesson(7, 9), lesson(7, 2)], moved)).toEqual([true, false])
    expect(ofMovedRivals([lesson(7, 2), lesson(3, 3, true)], moved)).toEqual([true, false])
  })

  test("are never the owner's", () => {
    const taught = [lesson(4, 9, true), lesson(4, 9), lesson(2, 9, true)]
    for (const choose of [ofMovedPairs, ofMovedRivals]) expect(choose(taught, moved)).toEqual([false, true, false])
    expect(ofStrangers(taught)).toEqual([false, true, false])
  })
})
