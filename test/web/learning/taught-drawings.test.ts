/** The drawings taught, in memory, as where IndexedDB is blocked; test/web/page/yours.test.ts keeps them in a browser. */

import { expect, test } from 'vitest'
import { MOST, TaughtDrawings } from '../../../web/learning/taught-drawings.ts'

const drawing = (number: number): Uint8Array => new Uint8Array(784).fill(number & 255).fill(number >> 8, 0, 1)

async function drawings(): Promise<TaughtDrawings> {
  const taught = new TaughtDrawings()
  await taught.load()
  return taught
}

test('stay in the order in which they were taught; the same drawing with another label takes the last place', async () => {
  const taught = await drawings()
  expect(taught.kept).toBe(false)
  for (const label of [1, 2, 3]) taught.add(drawing(label), label)
  taught.add(drawing(2), 7)
  expect(taught.lessons.map(({ label }) => label)).toEqual([1, 3, 7])
  taught.remove(drawing(1))
  taught.remove(drawing(9)) // was never taught
  expect(taught.lessons.map(({ label }) => label)).toEqual([3, 7])
  expect([taught.has(drawing(2)), taught.has(drawing(1))]).toEqual([true, false])
  taught.clear()
  expect(taught.lessons).toEqual([])
})

test(`are at most ${MOST}, the last ones`, async () => {
  const taught = await drawings()
  for (let i = 0; i < MOST + 3; i++) taught.add(drawing(i), i % 10)
  expect(taught.lessons).toHaveLength(MOST)
  expect([taught.has(drawing(2)), taught.has(drawing(3)), taught.has(drawing(MOST + 2))]).toEqual([false, true, true])
})

test('do not change with the picture that they were made of', async () => {
  const taught = await drawings()
  const input = drawing(5)
  taught.add(input, 5)
  input.fill(0)
  expect(taught.lessons[0]?.input).toEqual(drawing(5))
})
