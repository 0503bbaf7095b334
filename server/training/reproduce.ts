/** Trains a model again by its card, and compares the bytes of the weights. */

import { readFileSync, rmSync } from 'node:fs'
import { type Card, parseCard } from '../../core/models/card.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import type { ModelSpec } from '../../core/models/spec.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { sha256 } from '../files/sha256.ts'
import { temporaryFolder } from '../files/temporary.ts'
import { saveModel } from '../models/save.ts'
import type { TrainingData } from './run.ts'
import { runTraining } from './start.ts'

export interface ReproduceSettings {
  readonly out?: string // folder for the new model, with its checkpoint beside it; a temporary one unless given
  readonly paths?: readonly string[] // of the training sets; unless given, they are below dataDir under the names in the card
  readonly dataDir: string
  readonly threads: number
}

/**
 * @param path of a card.json
 * @returns exit code: 0 same, 1 not the same, 130 interrupted
 * @throws Error with exitCode 3 when the file is no card, or the data are not those of the card
 */
export async function reproduce(path: string, { out, ...settings }: ReproduceSettings): Promise<number> {
  const card = readCard(path)
  if (card.preprocess !== PREPROCESS_VERSION) {
    throw new Error(`${card.id} was made by preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`)
  }
  const folder = out ?? temporaryFolder()
  try {
    const run = await runTraining(specOf(card), {
      ...settings,
      out: folder,
      checkpoint: `${folder}.checkpoint`,
      fresh: false,
      inspect: (data) => checkData(card, data),
    })
    if (!run) {
      console.error(out ? `stopped; the same command resumes from ${folder}.checkpoint` : 'stopped')
      return 130
    }
    const { result } = run
    if (out) saveModel(out, { ...result.files, 'card.json': `${JSON.stringify(result.card, null, 2)}\n` })
    rmSync(`${folder}.checkpoint`, { force: true })
    const digest = sha256(result.files[card.weights.file] as Uint8Array)
    const same = digest === card.weights.sha256
    console.log(
      same ? `same  ${digest}  ${card.weights.file}` : `not the same\ncard  ${card.weights.sha256}\nmade  ${digest}`,
    )
    return same ? 0 : 1
  } finally {
    if (!out) for (const rest of [folder, `${folder}.checkpoint`]) rmSync(rest, { recursive: true, force: true })
  }
}

function readCard(path: string): Card {
  const text = readFileSync(path, 'utf8')
  try {
    return parseCard(JSON.parse(text))
  } catch (error) {
    throw Object.assign(new Error(`${path} is no model card: ${(error as Error).message}`), { exitCode: 3 })
  }
}

/** The model by the card alone: the zoo may have changed since. */
function specOf(card: Card): ModelSpec {
  const { id, name, kind } = card
  const { command: _, ...recipe } = card.recipe
  if (card.type === 'network') {
    const { command: _, bestEpoch: __, temperature: ___, otherBias: ____, tuned: _____, ...recipe } = card.recipe
    return { id, name, kind, type: card.type, layers: card.layers, recipe }
  }
  return { id, name, kind, type: card.type, recipe: recipe as FlatRecipe }
}

function checkData(card: Card, data: TrainingData): void {
  for (const [i, { name, files }] of card.training.entries()) {
    const found = data.sources[i]?.files ?? {}
    for (const file of new Set([...Object.keys(files), ...Object.keys(found)])) {
      if (files[file] === found[file]) continue
      const difference = `${file} of ${name} has SHA-256 ${files[file] ?? 'none'} in the card, ${found[file] ?? 'none'} here`
      throw Object.assign(new Error(`the data are not those that ${card.id} was trained on: ${difference}`), {
        exitCode: 3,
      })
    }
  }
  if (data.sources.length !== card.training.length) {
    const count = `${card.training.length} data sets in the card, ${data.sources.length} here`
    throw Object.assign(new Error(`the data are not those that ${card.id} was trained on: ${count}`), { exitCode: 3 })
  }
}
