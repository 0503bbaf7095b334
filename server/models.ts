/** Model folders on disk: `<folder>/<id>/` with card.json and the weights file it names. */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { syncFolder, writeWhole } from './durable.ts'
import { loadModel, type StoredModel } from './modelreading.ts'

export { loadModel, type StoredModel } from './modelreading.ts'
export { sha256 } from './sha256.ts'

/** Where the shipped models are. */
export const SHIPPED_MODELS = fileURLToPath(new URL('../weights', import.meta.url))

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

/** Replaces a model folder, and what is in folders below it, in one rename: its files are complete and on disk before it bears its name. */
export function saveModel(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const [fresh, old] = [`${folder}.new`, `${folder}.old`]
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
