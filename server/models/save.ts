/** Model folders on disk: `<folder>/<id>/` with card.json and the weights file it names. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { syncFolder, writeWhole } from '../files/durable.ts'
import { loadModel, type StoredModel } from './load.ts'

export { sha256 } from '../files/sha256.ts'
export { loadModel, type StoredModel } from './load.ts'

/** Where the shipped models are. */
export const SHIPPED_MODELS = fileURLToPath(new URL('../../weights', import.meta.url))

/** Names of folders that are no models: hidden ones, and those that `saveModel` is about to rename or remove. */
export const NO_MODEL = /^\.|\.(new|old)$/

/** Every model below `root` that loads, by id; `warn` hears of those that do not. */
export function loadModels(root: string, warn: (problem: string) => void): StoredModel[] {
  const models: StoredModel[] = []
  for (const entry of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() || NO_MODEL.test(entry.name)) continue
    try {
      models.push(loadModel(join(root, entry.name)))
    } catch (error) {
      warn(`model ${entry.name} is skipped: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return models
}

/** Replaces a model folder, and what is in folders below it, in one rename: its files are complete and on disk before it bears its name. */
export function saveModel(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const [fresh, old] = [`${folder}.new`, `${folder}.old`]
  restoreModel(folder)
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(fresh, name)), { recursive: true })
    writeWhole(join(fresh, name), content)
  }
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

/**
 * Where `saveModel` was interrupted between its two renames, no folder bears the models' names: the older ones, which have
 * served before, get them back.
 * @throws the file system's error where the folder can't be written
 */
export function restoreModels(root: string): void {
  if (!existsSync(root)) return
  for (const name of readdirSync(root)) if (name.endsWith('.old')) restoreModel(join(root, name.slice(0, -4)))
}

function restoreModel(folder: string): void {
  if (existsSync(`${folder}.old`) && !existsSync(folder)) renameSync(`${folder}.old`, folder)
}
