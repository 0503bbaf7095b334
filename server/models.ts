/** Model folders on disk: `<folder>/<id>/` with card.json and the weights file it names. */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Card, parseCard } from '../core/models/card.ts'
import { parameterLayout } from '../core/models/network.ts'
import { decodeSafetensors, WeightsError } from '../core/models/safetensors.ts'
import { syncFolder, writeWhole } from './durable.ts'

/** Where the shipped models are. */
export const SHIPPED_MODELS = fileURLToPath(new URL('../weights', import.meta.url))

export interface StoredModel {
  readonly card: Card
  readonly parameters: Float32Array // the flat buffer
  readonly bytes: Uint8Array // the weights file
}

/** SHA-256 of some bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * One model. The weights must have the digest their card gives.
 * @throws WeightsError, InputError 422 bad_card, or the error of the file system
 */
export function loadModel(folder: string): StoredModel {
  const card = parseCard(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')))
  const bytes = readFileSync(join(folder, card.weights.file))
  if (sha256(bytes) !== card.weights.sha256) {
    throw new WeightsError('bad_digest', `weights of ${card.id}: SHA-256 is not the one in the card`)
  }
  return { card, parameters: decodeSafetensors(bytes, parameterLayout(card.layers)), bytes }
}

/** Every model below `root` that loads, by id; `warn` hears of those that do not. */
export function loadModels(root: string, warn: (problem: string) => void): StoredModel[] {
  const models: StoredModel[] = []
  for (const entry of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    try {
      models.push(loadModel(join(root, entry.name)))
    } catch (error) {
      warn(`model ${entry.name} is skipped: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return models
}

/** Replaces a model folder in one rename: its files are complete and on disk before it bears its name. */
export function saveModel(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const [fresh, old] = [`${folder}.new`, `${folder}.old`]
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeWhole(join(fresh, name), content)
  rmSync(old, { recursive: true, force: true })
  try {
    renameSync(folder, old)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  renameSync(fresh, folder)
  syncFolder(dirname(folder))
  rmSync(old, { recursive: true, force: true })
}
