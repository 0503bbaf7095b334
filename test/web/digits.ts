/** Pen strokes to draw: ten digits of our own, and real ones from people where INKLING_DATA holds them. */

import { readFileSync } from 'node:fs'
import type { Strokes } from '../../core/protocol.ts'
import { Random } from '../../core/random.ts'
import { penStrokes } from '../pen-drawings.ts'

export interface DrawnDigit {
  readonly label: number // 0..9
  readonly strokes: Strokes // in a square of 280 units, as the pad has
}

/** One of each digit, made for these tests: test/fixtures/strokes.json. */
export function ownDigits(): DrawnDigit[] {
  const file = new URL('../fixtures/strokes.json', import.meta.url)
  const digits = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Strokes>
  return Object.entries(digits).map(([label, strokes]) => ({ label: Number(label), strokes }))
}

/**
 * Digits that people wrote with a pen (pendigits, test part): `each` of every class, the same for the same seed. They are
 * placed as a person would: half to nine tenths of the pad's height, anywhere on it. They need the data sets.
 */
export function writtenDigits(each: number, seed: number): DrawnDigit[] {
  const random = new Random(seed, 0)
  const all = penStrokes('pendigits-test')
  return Array.from({ length: 10 }, (_, label) => {
    const pool = all.filter((digit) => digit.label === label)
    return Array.from({ length: each }, () => {
      const [chosen] = pool.splice(random.below(pool.length), 1)
      return { label, strokes: place(chosen?.strokes ?? [], random) }
    })
  }).flat()
}

function place(strokes: Strokes, random: Random): Strokes {
  const points = strokes.flat()
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top]
  const scale = (280 * (0.5 + 0.35 * random.uniform())) / Math.max(width, height, 1)
  const dx = 15 + (250 - width * scale) * random.uniform()
  const dy = 15 + (250 - height * scale) * random.uniform()
  return strokes.map((stroke) => stroke.map(([x, y]) => [dx + (x - left) * scale, dy + (y - top) * scale] as const))
}
