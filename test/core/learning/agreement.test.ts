/** Who agrees with a stranger's label: other families of models, and other client networks. */

import { describe, expect, test } from 'vitest'
import { agreedByOthers, familiesAgree } from '../../../core/learning/agreement.ts'
import { type Correction, NOT_A_DIGIT } from '../../../core/learning/round.ts'
import { allFactories } from '../backends.ts'

const says = (digit: number, classes = 11) =>
  Float32Array.from({ length: classes }, (_, c) => (c === digit ? 0.8 : 0.02))

describe('families of models agree', () => {
  test('when two of them answer so', () => {
    expect(familiesAgree(4, [says(4), says(4, 10), says(9)])).toBe(true)
    expect(familiesAgree(4, [says(4), says(9), says(9)])).toBe(false)
    expect(familiesAgree(4, [says(4)])).toBe(false)
    expect(familiesAgree(4, [])).toBe(false)
  })

  test('that it is no digit when they say that, not when they name one', () => {
    expect(familiesAgree(NOT_A_DIGIT, [says(10), says(10)])).toBe(true)
    expect(familiesAgree(NOT_A_DIGIT, [says(10), says(0)])).toBe(false)
    expect(familiesAgree(0, [says(10), says(10)])).toBe(false)
  })
})

describe('another client network agrees', () => {
  // a stroke down, a little to the right, and one across
  const line = (inked: (x: number, y: number) => boolean) =>
    Uint8Array.from({ length: 784 }, (_, i) => (inked(i % 28, Math.floor(i / 28)) ? 255 : 0))
  const images = [
    line((x, y) => x >= 12 && x < 16 && y >= 4 && y < 24),
    line((x, y) => y >= 12 && y < 16 && x >= 4 && x < 24),
    line((x, y) => x >= 12 && x < 16 && y >= 5 && y < 24),
  ]
  const [first, other, alike] = [0, 1, 2]
  const taught = (i: number, label: number, clientNetwork: number): Correction => ({
    input: images[i],
    label,
    clientNetwork,
    fromOwner: false,
  })

  test.each(allFactories())('when it gives the same label to a drawing like it, on $name', (backends) => {
    const agreed = (...given: Correction[]) => agreedByOthers(backends, given)
    expect(agreed(taught(first, 3, 1), taught(first, 3, 2))).toEqual([true, true])
    expect(agreed(taught(first, 3, 1), taught(alike, 3, 2))).toEqual([true, true])
    expect(agreed(taught(first, 3, 1), taught(first, 3, 1))).toEqual([false, false]) // the same network
    expect(agreed(taught(first, 3, 1), taught(first, 5, 2))).toEqual([false, false]) // another label
    expect(agreed(taught(first, 3, 1), taught(other, 3, 2))).toEqual([false, false]) // another drawing
    expect(agreed(taught(first, 3, 1), taught(other, 3, 2), taught(first, 3, 2))).toEqual([true, false, true])
    expect(agreed()).toEqual([])
  })
})
