/** Scaling keeps the sum of ink and its position, and changes nothing at the same size. */

import { describe, expect, it } from 'vitest'
import { resample, type Window } from '../../../core/preprocess/resample.ts'

function window(width: number, height: number, level: (x: number, y: number) => number): Window {
  const stride = width + 3 // one px of other ink on the left, two on the right, a row above and below
  const source = new Uint8Array(stride * (height + 2)).fill(99)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) source[(y + 1) * stride + x + 1] = level(x, y)
  return { source, stride, left: 1, top: 1, width, height }
}

describe('resample', () => {
  it('at scale 1 copies the window', () => {
    const out = resample(
      window(5, 4, (x, y) => x * 10 + y),
      1,
      5,
      4,
    )
    expect([...out]).toEqual([...Array(20).keys()].map((p) => (p % 5) * 10 + Math.floor(p / 5)))
  })

  it.each([
    [160, 7 / 8],
    [137, 20 / 137],
    [1024, 20 / 1024],
    [21, 20 / 21],
    [83, 1 / 4],
  ])('keeps the ink of %i px to 1 in 10^12 when it shrinks', (size, scale) => {
    const level = (x: number, y: number): number => (x * 37 + y * 101) % 256
    const out = Math.ceil(size * scale)
    let ink = 0
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) ink += level(x, y)
    const sum = resample(window(size, size, level), scale, out, out).reduce((a, b) => a + b, 0)
    expect(Math.abs(sum / (scale * scale) / ink - 1)).toBeLessThan(1e-12)
  })

  it('adds the parts of shrunk pixels from left to right, bit for bit, with any paper between them', () => {
    for (const [size, out] of [
      [100, 20],
      [137, 80],
      [81, 80],
      [64, 1],
      [80, 20],
    ]) {
      const scale = out / size
      const level = (x: number): number => (x % 7 < 3 ? (x * 53) % 256 : 0)
      const sums = Array.from({ length: out }, (_, o) => {
        let sum = 0
        const from = o * (1 / scale)
        const to = from + 1 / scale
        for (let x = Math.floor(from); x < size; x++) {
          sum += Math.max(0, Math.min(to, x + 1) - Math.max(from, x)) * scale * level(x)
        }
        return scale * sum
      })
      expect([...resample(window(size, 1, level), scale, out, 1)]).toEqual(sums)
    }
  })

  it('by 1/2 gives the mean of four', () => {
    const out = resample(
      window(4, 2, (x, y) => [8, 16, 1, 3, 24, 32, 5, 7][y * 4 + x]),
      0.5,
      2,
      1,
    )
    expect([...out]).toEqual([20, 4])
  })

  it('by 2 interpolates between neighbours, and towards paper at the edges', () => {
    const out = resample(
      window(2, 1, (x) => (x === 0 ? 100 : 200)),
      2,
      4,
      2,
    )
    expect([...out]).toEqual([56.25, 93.75, 131.25, 112.5, 56.25, 93.75, 131.25, 112.5])
  })
})
