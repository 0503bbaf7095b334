/** The options of `inkling train`, one for every entry of a recipe, and the command that a recipe corresponds to. */

import { basename } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createAugmenter } from '../../core/augment/augment.ts'
import type { Augmentation, FlatRecipe, Recipe } from '../../core/models/recipe.ts'
import type { ModelSpec } from '../../core/models/spec.ts'

/** The recipe entries given on the command line; `data` may hold paths. */
export type RecipeOptions = Partial<Recipe> & { readonly set?: FlatEntries }

type FlatEntries = Readonly<Record<string, string>>

const AUGMENTATIONS = ['shift', 'rotate', 'scale', 'shear', 'elastic', 'thickness'] as const

// In the order of a command. Those of COMMON are for models of every kind.
const COMMON: readonly (keyof Recipe)[] = ['data', 'validation', 'seed']
const OPTIONS: Readonly<Record<keyof Recipe, () => Option>> = {
  data: () => option('data <names>', 'training sets, comma-separated: names below the data directory, or paths', list),
  epochs: () => option('epochs <n>', 'passes over the training set', integer(1, 100_000)),
  batch: () => option('batch <n>', 'images per step', integer(1, 4096)),
  loss: () => new Option('--loss <name>', 'what is made small').choices(['crossentropy', 'squared']),
  optimizer: () => new Option('--optimizer <name>', 'how a step is made').choices(['sgd', 'adam', 'adadelta']),
  rate: () => option('rate <x>', 'learning rate at its highest', real(1e-9, 100)),
  momentum: () => option('momentum <x>', 'of sgd; beta1 of adam; rho of adadelta', real(0, 0.9999)),
  decay: () => option('decay <x>', 'weight decay; decoupled for adam', real(0, 1)),
  schedule: () =>
    new Option('--schedule <name>', 'of the rate; step: a tenth at 1/2 and 3/4 of the epochs').choices([
      'constant',
      'linear',
      'cosine',
      'step',
    ]),
  warmup: () => option('warmup <x>', 'epochs in which the rate rises from 0', real(0, 1000)),
  clip: () => option('clip <x>', 'largest global norm of a gradient; 0 for any', real(0, 1e6)),
  augment: () =>
    option(
      'augment <bounds>',
      `changes to training images, shift=2,rotate=10 ... (${AUGMENTATIONS.join(', ')}); or none`,
      augmentation,
    ),
  shards: () =>
    option('shards <n>', 'parts a batch is cut into: at most so many threads can work on it', integer(1, 64)),
  patience: () =>
    option('patience <n>', 'epochs without a better validation until the run stops; 0: never', integer(0, 100_000)),
  validation: () =>
    option('validation <n>', 'training images held out to choose the best epoch', integer(10, 1_000_000)),
  seed: () => option('seed <n>', 'of every random choice', integer(0, 4_294_967_295)),
  bits: () => option('bits <n>', 'of a weight in the file: 8, or 32 for f32', bits),
  tune: () => option('tune <n>', 'epochs afterwards, with weights in 8 bits', integer(0, 1000)),
}

/** Adds an option for every entry of a recipe. The model's own recipe has the defaults. */
export function addRecipeOptions(command: Command): Command {
  for (const create of Object.values(OPTIONS)) command.addOption(create())
  return command.addOption(
    option('set <entries>', 'further entries of the recipe of a model that is no network, trees=50 ...', entries),
  )
}

/**
 * The model with the given entries in its recipe. Of sets given by path, the recipe has only the last part.
 * @throws Error, exitCode 2, when the model's recipe has no such entry
 */
export function configure(spec: ModelSpec, given: RecipeOptions): ModelSpec {
  if (spec.type === 'network') {
    const data = given.data?.map((name) => basename(name))
    if (given.set) throw misuse(`${spec.id} is a network: every entry of its recipe has an option of its own`)
    const entries = Object.keys(OPTIONS).map((name) => [name, given[name as keyof Recipe]])
    const changed = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    const recipe: Recipe = { ...spec.recipe, ...(given.bits === 32 && { tune: 0 }), ...changed }
    if (recipe.bits === 32 && recipe.tune > 0) throw misuse('--tune is for weights in 8 bits: see --bits')
    return { ...spec, recipe: data ? { ...recipe, data } : recipe }
  }
  return { ...spec, recipe: configureFlat(spec, given) }
}

/**
 * The same for a flat recipe.
 * @throws Error, exitCode 2, when the recipe has no such entry
 */
export function configureFlat({ id, recipe }: { id: string; recipe: FlatRecipe }, given: RecipeOptions): FlatRecipe {
  for (const name of Object.keys(OPTIONS) as (keyof Recipe)[]) {
    if (given[name] !== undefined && !COMMON.includes(name)) throw misuse(`${id} takes no --${name}: see --set`)
  }
  const { seed = recipe.seed, validation = recipe.validation } = given
  const data = given.data?.map((name) => basename(name)).join() ?? recipe.data
  return { ...setEntries(id, recipe, given.set), seed, validation, data }
}

/**
 * Refuses entries where a card says what is trained.
 * @throws Error, exitCode 2, naming the first entry that was given
 */
export function refuseEntries(given: RecipeOptions): void {
  const names = Object.keys(OPTIONS).filter((name) => name !== 'data') // which may say where the sets are
  const name = [...names, 'set'].find((name) => given[name as keyof RecipeOptions] !== undefined)
  if (name) throw misuse(`--${name} has no place beside --reproduce: the recipe is that of the card`)
}

/** The training sets of a recipe. */
export function dataNames({ recipe }: ModelSpec): readonly string[] {
  return typeof recipe.data === 'string' ? recipe.data.split(',') : (recipe.data as readonly string[])
}

/** The command with the whole recipe, so that it means the same when the defaults change. */
export function commandLine(spec: ModelSpec): string {
  if (spec.type !== 'network') return flatCommandLine(spec)
  const words = ['inkling', 'train', spec.id]
  for (const name of Object.keys(OPTIONS) as (keyof Recipe)[]) {
    const value: unknown = spec.recipe[name]
    if (value !== undefined) words.push(`--${name}`, word(value)) // the card of an earlier program has fewer entries
  }
  return words.join(' ')
}

/** The same for a flat recipe. */
export function flatCommandLine({ id, recipe }: { id: string; recipe: FlatRecipe }): string {
  const words = ['inkling', 'train', id]
  for (const name of COMMON) words.push(`--${name}`, word(recipe[name]))
  const own = Object.entries(recipe).filter(([name]) => !COMMON.includes(name as keyof Recipe))
  if (own.length > 0) words.push('--set', own.map(([name, value]) => `${name}=${value}`).join())
  return words.join(' ')
}

function word(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.join()
  const bounds = Object.entries(value).map(([name, bound]) => `${name}=${bound}`)
  return bounds.length > 0 ? bounds.join() : 'none'
}

// Each entry has the type of the one it replaces.
function setEntries(id: string, recipe: FlatRecipe, given: FlatEntries = {}): FlatRecipe {
  const changed: Record<string, number | string> = {}
  for (const [name, text] of Object.entries(given)) {
    const value = recipe[name]
    if (value === undefined || COMMON.includes(name as keyof Recipe)) {
      const known = Object.keys(recipe).filter((key) => !COMMON.includes(key as keyof Recipe))
      throw misuse(`the recipe of ${id} has no entry ${name} to set; it has: ${known.join(', ')}`)
    }
    if (typeof value === 'number' && !/^-?\d*\.?\d+(e-?\d+)?$/i.test(text)) throw misuse(`${name} must be a number`)
    changed[name] = typeof value === 'number' ? Number(text) : text
  }
  return { ...recipe, ...changed }
}

function misuse(sentence: string): Error {
  return Object.assign(new Error(sentence), { exitCode: 2 })
}

function option(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(`--${flags}`, description).argParser(parse)
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === '')) throw new InvalidArgumentError('Names separated by commas expected.')
  return names
}

function entries(text: string): FlatEntries {
  const pairs = list(text).map((pair) => /^(\w+)=(.+)$/.exec(pair)?.slice(1) as [string, string] | undefined)
  if (pairs.includes(undefined)) throw new InvalidArgumentError('name=value, separated by commas, expected.')
  return Object.fromEntries(pairs as [string, string][])
}

function augmentation(text: string): Augmentation {
  if (text === 'none') return {}
  const given = entries(text)
  const unknown = Object.keys(given).find((name) => !AUGMENTATIONS.some((known) => known === name))
  if (unknown) throw new InvalidArgumentError(`no augmentation ${unknown}; there are: ${AUGMENTATIONS.join(', ')}.`)
  const known = AUGMENTATIONS.filter((name) => given[name] !== undefined) // always in this order
  const bounds = Object.fromEntries(known.map((name) => [name, real(0, 1000)(given[name])]))
  try {
    createAugmenter(bounds)
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`)
  }
  return bounds
}

function bits(text: string): Recipe['bits'] {
  if (text !== '8' && text !== '32') throw new InvalidArgumentError('8 or 32 expected.')
  return text === '8' ? 8 : 32
}

export function integer(low: number, high: number): (text: string) => number {
  return number(low, high, /^\d{1,10}$/, 'a whole number')
}

function real(low: number, high: number): (text: string) => number {
  return number(low, high, /^\d*\.?\d+(e-?\d+)?$/i, 'a number')
}

function number(low: number, high: number, form: RegExp, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!form.test(text) || value < low || value > high) {
      throw new InvalidArgumentError(`${what} from ${low} to ${high} expected.`)
    }
    return value
  }
}
