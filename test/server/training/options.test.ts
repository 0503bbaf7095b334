/** The options of `inkling train`: from recipe to command and back, and what is refused before anything is loaded. */

import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RECIPE, type Recipe } from '../../../core/models/recipe.ts'
import type { ModelSpec } from '../../../core/models/spec.ts'
import { ZOO } from '../../../core/models/zoo.ts'
import { addRecipeOptions, commandLine, configure, dataNames } from '../../../server/training/options.ts'
import { run } from '../command.ts'

/** The model of a command line, whatever the recipe in the zoo. */
function repeated(line: string, spec: ModelSpec): ModelSpec {
  const command = addRecipeOptions(new Command())
    .argument('<model>')
    .action(() => {})
  command.exitOverride().parse(line.split(' ').slice(2), { from: 'user' })
  return configure(spec, command.opts())
}

const PLAIN_SPEC: ModelSpec = {
  id: 'test',
  name: 'Test',
  kind: 'test',
  type: 'network',
  layers: [],
  recipe: DEFAULT_RECIPE,
}

const OTHER: Recipe = {
  seed: 4_294_967_295,
  data: ['mnist', 'pendigits'],
  loss: 'squared',
  optimizer: 'adadelta',
  rate: 1e-7,
  momentum: 0.95,
  decay: 0.0001,
  schedule: 'step',
  warmup: 0.5,
  clip: 2.5,
  batch: 64,
  shards: 4,
  epochs: 7,
  patience: 3,
  validation: 600,
  augment: { shift: 1.5, elastic: 4, thickness: 0.25 },
  bits: 8,
  tune: 3,
} as Recipe

describe('the command in a card', () => {
  test.each(ZOO.map((spec) => [spec.id, spec] as const))('of %s gives its recipe', (_, spec) => {
    const other =
      spec.type === 'network'
        ? { ...spec, recipe: OTHER }
        : { ...spec, recipe: { ...spec.recipe, seed: 77, data: 'uji', validation: 10 } }
    for (const wanted of [spec, other]) {
      expect(repeated(commandLine(wanted), spec === wanted ? other : spec)).toEqual(wanted)
    }
  })

  test('names every entry of the recipe, so that it holds when defaults change', () => {
    const line = commandLine({ ...PLAIN_SPEC, recipe: OTHER } as ModelSpec)
    for (const name of Object.keys(DEFAULT_RECIPE)) expect(line).toContain(` --${name} `)
    expect(repeated(line, PLAIN_SPEC)).toEqual({ ...PLAIN_SPEC, recipe: OTHER })
  })

  test('names sets given by path without their folder', () => {
    const spec = configure(PLAIN_SPEC, { data: ['some/folder/mine', 'digits/other.csv'] })
    expect(dataNames(spec)).toEqual(['mine', 'other.csv'])
    expect(commandLine(spec)).toContain('--data mine,other.csv ')
  })

  test('has the bounds of augmentation in one order, whatever the order given', () => {
    const given = repeated(`inkling train test --augment rotate=10,shift=2`, PLAIN_SPEC)
    expect(JSON.stringify(given.recipe.augment)).toBe('{"shift":2,"rotate":10}')
  })
})

test('--set changes entries of the recipe of a model that is no network, keeping their types', () => {
  const spec = ZOO.find(({ id }) => id === 'forest') as ModelSpec
  const given = configure(spec, { set: { trees: '7' }, seed: 5, data: ['uji'] })
  expect(given.recipe).toEqual({ ...spec.recipe, trees: 7, seed: 5, data: 'uji' })
})

describe('inkling train', () => {
  test.each([
    [['train'], /which model\? known are: .*softmax/],
    [['train', 'nope'], /unknown model nope; known are: .*softmax/],
    [['train', 'softmax', '--rate', '0'], /a number from 1e-9 to 100 expected/],
    [['train', 'softmax', '--rate', 'quick'], /a number from 1e-9 to 100 expected/],
    [['train', 'softmax', '--epochs', '1.5'], /a whole number from 1 to 100000 expected/],
    [['train', 'softmax', '--schedule', 'zigzag'], /Allowed choices are constant, linear, cosine, step/],
    [['train', 'softmax', '--augment', 'wobble=1'], /no augmentation wobble; there are: shift, rotate/],
    [['train', 'softmax', '--augment', 'rotate=90'], /rotate/],
    [['train', 'softmax', '--augment', 'rotate'], /name=value/],
    [['train', 'softmax', '--set', 'trees=3'], /softmax is a network/],
    [['train', 'forest', '--epochs', '3'], /forest takes no --epochs: see --set/],
    [['train', 'forest', '--set', 'leaves=3'], /has no entry leaves to set; it has: trees/],
    [['train', 'forest', '--set', 'trees=many'], /trees must be a number/],
    [['train', 'softmax', '--data', 'mnist,,pendigits'], /Names separated by commas expected/],
    [['train', 'softmax', '--threads', '0'], /a whole number from 1 to 64 expected/],
  ])('refuses %j with exit code 2', async (words, sentence) => {
    const { code, stderr } = await run(words as string[])
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence as RegExp)])
  })

  test('shows the whole recipe of every model in --help', async () => {
    const { code, stdout } = await run(['train', '--help'])
    expect(code).toBe(0)
    for (const spec of ZOO) expect(stdout).toContain(commandLine(spec))
  })
})
