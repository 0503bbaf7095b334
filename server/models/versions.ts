/**
 * Versions of models on disk, `<folder>/<id>/<version>/` with card and weights. They are written once, never changed, and known
 * to the store before they are served. Versions that the store does not know, as after a power cut, are removed.
 */

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { checkTrained, checkValues } from '../../core/models/tensor.ts'
import { MEBIBYTE } from '../../core/recognizer.ts'
import { syncFolder } from '../files/durable.ts'
import { sha256 } from '../files/sha256.ts'
import type { VersionRow } from '../store/round-tables.ts'
import { WEIGHTS_FILE } from './card.ts'
import { loadModel, type StoredModel } from './load.ts'
import { saveModel } from './save.ts'

/** Versions of a model whose weights are kept, beside the shipped one; fewer where they are large. */
const KEPT = 8
const KEPT_BYTES = 64 * MEBIBYTE

/** What a card says of a version that was learned here. */
export type Learned = NonNullable<Card['learned']>

/** Folder of a version below the folder of all. */
export function versionFolder(root: string, model: string, version: number): string {
  return join(root, model, String(version))
}

/**
 * Writes a version, which is complete and on disk when this returns.
 * @returns its card
 * @throws RangeError or WeightsError where a value is not a number, errors of the file system
 */
export function writeVersion(folder: string, { card, data }: ModelFiles, version: number, learned: Learned): Card {
  const tensors = modelTensors(card)
  checkValues(data, tensors)
  checkTrained(data, tensors)
  const weights = encodeTensors(tensors, data)
  const entry = { file: WEIGHTS_FILE, bytes: weights.length, sha256: sha256(weights) }
  const finished: Card = { ...card, version, weights: entry, learned }
  const parent = join(folder, '..')
  const made = mkdirSync(parent, { recursive: true, mode: 0o700 })
  if (made !== undefined) syncFolder(join(parent, '..'))
  saveModel(folder, { 'card.json': `${JSON.stringify(finished, null, 2)}\n`, [WEIGHTS_FILE]: weights })
  return finished
}

/**
 * Reads a version.
 * @throws as loadModel, or Error where it is not the one that the store knows
 */
export function readVersion(root: string, { model, version, sha256 }: VersionRow): StoredModel {
  const stored = loadModel(versionFolder(root, model, version))
  const { card } = stored
  if (card.id !== model || card.version !== version || card.weights.sha256 !== sha256) {
    throw new Error('its folder holds another version')
  }
  return stored
}

/** Removes the weights of a version, and what an interrupted writer of it left. */
export function removeVersion(root: string, model: string, version: number): void {
  const folder = versionFolder(root, model, version)
  for (const one of [folder, `${folder}.new`, `${folder}.old`]) rmSync(one, { recursive: true, force: true })
}

/** Which of a model's kept versions to remove: all but the last ones and the served one. The newest row is first. */
export function surplusVersions(rows: readonly VersionRow[], served: number): VersionRow[] {
  let [count, bytes] = [0, 0]
  return rows.filter((row) => {
    if (!row.kept) return false
    count++
    bytes += row.bytes
    return row.version !== served && (count > KEPT || (count > 2 && bytes > KEPT_BYTES))
  })
}

/** Removes every folder that is not a kept version. `kept` gives the versions of a model that are. */
export function sweepVersions(root: string, kept: (model: string) => readonly number[]): void {
  for (const model of folders(root)) {
    const names = new Set(kept(model).map(String))
    for (const name of folders(join(root, model))) {
      if (!names.has(name)) rmSync(join(root, model, name), { recursive: true, force: true })
    }
  }
}

function folders(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
