/** Replaces whole model folders on disk, `<folder>/<id>/` with card.json and the weights file that it names. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder, writeSynced } from '../files/durable.ts'

/** Replaces a model folder, with all below it, by a rename: its files are complete and on disk before it gets its name. */
export function saveModel(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const [fresh, old] = [`${folder}.new`, `${folder}.old`]
  restoreModel(folder)
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(fresh, name)), { recursive: true })
    writeSynced(join(fresh, name), content)
  }
  for (const path of new Set(['.', ...Object.keys(files).map(dirname)])) syncFolder(join(fresh, path))
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
 * Where `saveModel` was interrupted between its two renames, no folder has the model's name: the older folder gets it back.
 * @throws the file system's error where the folder can't be written
 */
export function restoreModels(root: string): void {
  if (!existsSync(root)) return
  for (const name of readdirSync(root)) if (name.endsWith('.old')) restoreModel(join(root, name.slice(0, -4)))
}

function restoreModel(folder: string): void {
  if (existsSync(`${folder}.old`) && !existsSync(folder)) renameSync(`${folder}.old`, folder)
}
