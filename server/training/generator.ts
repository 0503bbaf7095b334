/** Trains the generator of trusted images, `inkling train replay`: half a minute's work, so an interrupted run begins anew. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type GeneratorRecipe, learnGenerator } from '../../core/learning/generator/learning.ts'
import { createGenerator, generatorTensors } from '../../core/learning/generator.ts'
import type { TrustedImages } from '../../core/learning/trusted.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { splitValidation } from '../../core/training/split.ts'
import { nodeBackends } from '../backend.ts'
import { loadDigits } from '../digits.ts'
import { writeWhole } from '../durable.ts'
import { evaluateStored } from '../evaluating.ts'
import { loadModels, SHIPPED_MODELS, sha256 } from '../models.ts'
import { runProgress } from '../progress.ts'
import { REPLAY_CARD, REPLAY_WEIGHTS, type ReplayCard, type ReplayMeasurement, readReplayCard } from '../replay.ts'

/** How the shipped generator is trained unless told otherwise. */
export const REPLAY = {
  id: 'replay',
  recipe: {
    ...{ seed: 1, data: 'mnist,pendigits', validation: 6000 },
    ...{ dimensions: 64, clouds: 20, directions: 16, spread: 1, paper: 25.5, contrast: 1.3 },
  },
} as const

/** Entries of the recipe beside those that all have, and what each may be. */
const WHOLE = { dimensions: [1, 128], clouds: [1, 256], directions: [1, 64] } as const
const REAL = { spread: [0.1, 2], paper: [0, 128], contrast: [0.5, 4] } as const

export interface GeneratorSettings {
  readonly paths: readonly string[] // where the sets of the recipe are, below dataDir by name or anywhere by path
  readonly dataDir: string
  readonly command: string // stands in the card
}

/** A generator and its two files. */
export interface TrainedGenerator {
  readonly images: TrustedImages
  readonly card: ReplayCard
  readonly weights: Uint8Array<ArrayBuffer>
}

/**
 * Trains on the training parts without what the models hold out for validation, and measures the shipped models on the gate.
 * @throws Error, exitCode 2, when an entry of the recipe is missing or makes no sense; DataFileError
 */
export async function trainGenerator(
  recipe: FlatRecipe,
  { paths, dataDir, command }: GeneratorSettings,
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
      ...{ format: 1, id: 'replay', name: 'Replay', kind: 'digits from clouds along principal axes', version: 1 },
      preprocess: PREPROCESS_VERSION,
      weights: { file: REPLAY_WEIGHTS, bytes: weights.length, sha256: sha256(weights) },
      generator,
      measured: await measure(source, progress.note),
      training: data,
      recipe: { command, ...recipe },
      licence: 'MIT',
    }
    return { images: source, card, weights }
  } finally {
    progress.stop()
  }
}

/** Writes the two files; the card, which vouches for the weights, comes last. */
export function saveGenerator(folder: string, { card, weights }: TrainedGenerator): void {
  mkdirSync(folder, { recursive: true })
  writeWhole(join(folder, REPLAY_WEIGHTS), weights)
  writeWhole(join(folder, REPLAY_CARD), `${JSON.stringify(card, null, 2)}\n`)
}

/** Whether a card is that of a generator: what `--reproduce` is given may be any card. */
export function isGeneratorCard(path: string): boolean {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { id?: unknown } | null)?.id === 'replay'
  } catch {
    return false // whoever reads it as a model's card tells what is wrong
  }
}

/**
 * Trains a generator again from what its card tells.
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
  const folder = out ?? mkdtempSync(join(tmpdir(), 'inkling-'))
  try {
    const made = await trainGenerator(recipe as FlatRecipe, { paths: names, dataDir, command })
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

// A model that does as well here as on real images says that these are neither trivially easy nor noise.
async function measure({ gate }: TrustedImages, note: (line: string) => void): Promise<ReplayMeasurement[]> {
  const backends = await nodeBackends()
  const measured: ReplayMeasurement[] = []
  for (const model of loadModels(SHIPPED_MODELS, note)) {
    const { id, test, weights, preprocess } = model.card
    if (preprocess !== PREPROCESS_VERSION) continue
    const { accuracy, perClass } = evaluateStored(model, gate, backends)
    measured.push({ model: id, sha256: weights.sha256, test: test.accuracy, replay: accuracy, perClass })
    const percent = (share: number) => `${(share * 100).toFixed(2)} %`
    note(`${id}: ${percent(accuracy)} of the generated images, ${percent(test.accuracy)} of its test set`)
    await setImmediate()
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
    paper: entry('paper'),
    contrast: entry('contrast'),
  }
}
