/** Learning the generator of digits again, from made-up ones. */

import { expect, test } from 'vitest'
import { type GeneratorRecipe, learnGenerator } from '../../../core/learning/generator/learn-generator.ts'
import { bars } from './digits.ts'

const SIZE = { dimensions: 10, clouds: 2, directions: 3 }
const RECIPE: GeneratorRecipe = { ...SIZE, seed: 1, spread: 1, tail: 0.5, paper: 20, strength: 230 }

test('a generator has the same bytes when learned again, and others with another seed', async () => {
  const learn = async (seed: number) =>
    Buffer.from(await learnGenerator(bars(600), { ...RECIPE, seed }, async () => {}))
  const learned = await learn(1)
  expect((await learn(1)).equals(learned)).toBe(true)
  expect((await learn(2)).equals(learned)).toBe(false)
})
