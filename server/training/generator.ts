/** Trains the generator of the replay set, `inkling train replay`. This takes a minute, so an interrupted run starts again. */

import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type GeneratorRecipe, learnGenerator } from '../../core/learning/generator/learn-generator.ts'
import { createGenerator, generatorTensors } from '../../core/learning/generator.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { splitValidation } from '../../core/training/split.ts'
import { nodeBackends } from '../backend.ts'
import { type Digits, loadDigits } from '../dataset/digits.ts'
import { writeWhole } from '../files/durable.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { sha256 } from '../files/sha256.ts'
import { temporaryFolder } from '../files/temporary.ts'
import {
  REPLAY_CARD,
  REPLAY_WEIGHTS,
  type ReplayCard,
  type ReplayMeasurement,
  readReplayCard,
} from '../learning/replay-generator.ts'
import { evaluateStored } from '../models/evaluate.ts'
import { loadModels } from '../models/load.ts'
import { asPercent } from '../report/percent.ts'
import { compareDamage, distil } from './damage.ts'
import { runProgress } from './progress.ts'

/** How the shipped generator is trained unless options say otherwise. */
export const REPLAY = {
  id: 'replay',
  recipe: {
    seed: 1,
    data: 'mnist,pendigits',
    validation: 6000,
    dimensions: 112,
    clouds: 12,
    directions: 13,
    spread: 1.1,
    tail: 1.1,
    paper: 25.5,
    strength: 230,
  },
} as const

/** Further entries of the recipe and their ranges. */
const WHOLE = { dimensions: [1, 128], clouds: [1, 256], directions: [1, 64] } as const
const REAL = { spread: [0.1, 2], tail: [0, 4], paper: [0, 128], strength: [32, 512] } as const

/** Shipped models that are damaged, and those that are trained on generated images alone. */
const DAMAGED = ['softmax', 'mlp-200', 'mlp-300-100']
const DISTILLED = ['softmax', 'mlp-200']

export interface GeneratorSettings {
  readonly paths: readonly string[] // where the sets of the recipe are: names below dataDir, or paths
  readonly dataDir: string
  readonly command: string // for the card
  readonly measured: boolean // whether to measure with shipped models how useful the images are, which takes longer than training
}

/** A generator and its two files. */
export interface TrainedGenerator {
  readonly images: ReplaySet
  readonly card: ReplayCard
  readonly weights: Uint8Array<ArrayBuffer>
}

/**
 * Trains on the training parts without the images that its own recipe holds out, and measures the shipped models on
 * the images of the gate.
 * @throws Error, exitCode 2, when an entry of the recipe is missing or is out of range; DataFileError
 */
export async function trainGenerator(
  recipe: FlatRecipe,
  { paths, dataDir, command, measured }: GeneratorSettings,
): Promise<TrainedGenerator> {
  const settings = parseRecipe(recipe)
  const progress = runProgress()
  try {
    const { images, data } = await loadDigits(paths, 'train', dataDir)
    const { training } = splitValidation(images, recipe.validation, recipe.seed)
    progress.note(`training replay on ${training.count} images, seed ${recipe.seed}`)
    const bytes = await learnGenerator(training, settings, async (stage, done, total) => {
      progress.update(stage, done, total)
      await setImmediate()
    })
    const { dimensions, clouds, directions } = settings
    const generator = { dimensions, clouds, directions }
    const weights = encodeTensors(generatorTensors(generator), bytes)
    const source = createGenerator(generator, bytes)
    const card: ReplayCard = {
      format: 1,
      id: 'replay',
      name: 'Replay',
      kind: 'digits from clouds along principal axes',
      version: 1,
      preprocess: PREPROCESS_VERSION,
      weights: { file: REPLAY_WEIGHTS, bytes: weights.length, sha256: sha256(weights) },
      generator,
      measured: measured ? await measure(source, await loadDigits([paths[0]], 'test', dataDir), progress.note) : [],
      training: data,
      recipe: { command, ...recipe },
      licence: 'MIT',
    }
    return { images: source, card, weights }
  } finally {
    progress.stop()
  }
}

/** Writes the two files: the weights, then the card, which has their digest. */
export function saveGenerator(folder: string, { card, weights }: TrainedGenerator): void {
  mkdirSync(folder, { recursive: true })
  writeWhole(join(folder, REPLAY_WEIGHTS), weights)
  writeWhole(join(folder, REPLAY_CARD), `${JSON.stringify(card, null, 2)}\n`)
}

/** Whether a card is that of a generator: `--reproduce` may be given any card. */
export function isGeneratorCard(path: string): boolean {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { id?: unknown } | null)?.id === 'replay'
  } catch {
    return false // reading it as the card of a model reports what is wrong
  }
}

/**
 * Trains a generator again by its card.
 * @returns exit code: 0 the same bytes, 1 not the same
 * @throws Error, exitCode 3, when the data are not those of the card
 */
export async function reproduceGenerator(
  path: string,
  { paths, dataDir, out }: { paths?: readonly string[]; dataDir: string; out?: string },
): Promise<number> {
  const card = readReplayCard(path)
  const { command, ...recipe } = card.recipe
  const names = paths ?? String(recipe.data).split(',')
  const { data } = await loadDigits(names, 'train', dataDir)
  if (JSON.stringify(data.map(({ files }) => files)) !== JSON.stringify(card.training.map(({ files }) => files))) {
    throw Object.assign(new Error('the data are not those that replay was trained on'), { exitCode: 3 })
  }
  const folder = out ?? temporaryFolder()
  try {
    const made = await trainGenerator(recipe as FlatRecipe, { paths: names, dataDir, command, measured: false })
    saveGenerator(folder, made)
    const digest = made.card.weights.sha256
    const same = digest === card.weights.sha256
    console.log(
      same ? `same  ${digest}  ${REPLAY_WEIGHTS}` : `not the same\ncard  ${card.weights.sha256}\nmade  ${digest}`,
    )
    return same ? 0 : 1
  } finally {
    if (!out) rmSync(folder, { recursive: true, force: true })
  }
}

// If a model is as accurate here as on real images, these are neither trivially easy nor noise.
async function measure(source: ReplaySet, test: Digits, note: (line: string) => void): Promise<ReplayMeasurement[]> {
  const backends = await nodeBackends()
  const measured: ReplayMeasurement[] = []
  for (const model of loadModels(SHIPPED_MODELS, note)) {
    const { id, weights, preprocess } = model.card
    if (preprocess !== PREPROCESS_VERSION) continue
    const { accuracy, perClass } = evaluateStored(model, source.gate, backends)
    const real = evaluateStored(model, test.images, backends).accuracy
    note(`${id}: ${asPercent(accuracy)} of the generated images, ${asPercent(real)} of the test set`)
    await setImmediate()
    const damage = DAMAGED.includes(id) && compareDamage(model, test.images, source.gate, backends)
    const distilled = DISTILLED.includes(id) && distil(id, source, test.images, backends)
    if (damage) note(`  damaged: correlation ${damage.correlation}, slope ${damage.slope}`)
    if (distilled) note(`  learned from generated images alone: ${asPercent(distilled)} of the test set`)
    measured.push({
      model: id,
      sha256: weights.sha256,
      test: real,
      replay: accuracy,
      perClass,
      ...(damage && { damage }),
      ...(distilled && { distilled }),
    })
  }
  return measured
}

function parseRecipe(recipe: FlatRecipe): GeneratorRecipe {
  const entry = (name: keyof typeof WHOLE | keyof typeof REAL): number => {
    const [low, high] = { ...WHOLE, ...REAL }[name]
    const value = recipe[name]
    const fits = typeof value === 'number' && value >= low && value <= high
    if (fits && (name in REAL || Number.isInteger(value))) return value
    const what = name in REAL ? 'a number' : 'a whole number'
    throw Object.assign(new Error(`${name} must be ${what} from ${low} to ${high}`), { exitCode: 2 })
  }
  return {
    seed: recipe.seed,
    dimensions: entry('dimensions'),
    clouds: entry('clouds'),
    directions: entry('directions'),
    spread: entry('spread'),
    tail: entry('tail'),
    paper: entry('paper'),
    strength: entry('strength'),
  }
}
