/**
 * k nearest neighbours with every training image on this machine as a reference, instead of the shipped prototypes: the folder
 * of that model, how it is recognised, and what is needed to make it. `make.ts` makes it.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Card, type NeighboursCard, parseCard } from '../../core/models/card.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { loadedMemory } from '../../core/recognizer.ts'
import { CATALOGUE } from '../dataset/catalogue.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { findFiles } from '../dataset/find.ts'
import { setsOnDisk } from '../dataset/generated-sets.ts'
import { findStrokes } from '../dataset/stroke-sets.ts'

/** File beside a card of k nearest neighbours: the cards of that model with all images of known data sets. */
export const REFERENCES_FILE = 'references.json'

/** The kind in its card, which distinguishes it from a model with prototypes. */
export const REFERENCES_KIND = 'nearest of all training images'

/** Folder of the models that replace shipped ones. The data sets may be on a read-only disk, so it is not there. */
export function referencesRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(dataDirectory({ ...env, INKLING_DATA: '' }), 'models')
}

/** The cards in the REFERENCES_FILE of a model folder; none if there is no such file. */
export function knownReferences(folder: string): NeighboursCard[] {
  let text: string
  try {
    text = readFileSync(join(folder, REFERENCES_FILE), 'utf8')
  } catch {
    return []
  }
  return (JSON.parse(text) as unknown[]).map(parseCard).filter((card) => card.type === 'neighbours')
}

/** Whether this is the card of a model made here that this program can run in so much memory. */
export function isReferenceModel(card: Card, memory: number): boolean {
  return card.kind === REFERENCES_KIND && card.preprocess === PREPROCESS_VERSION && loadedMemory(card) <= memory
}

/** Whether the files of the training parts of all these sets are below a data directory. */
export function haveTraining(names: readonly string[], dataDir: string): boolean {
  return names.flatMap(setsOnDisk).every((name) => {
    try {
      if (findStrokes(name, 'train', dataDir) !== undefined) return true
      const folders = CATALOGUE.find((entry) => entry.name === name)?.folders ?? [name]
      return folders.some((folder) => findFiles(join(dataDir, folder), 'train') !== undefined)
    } catch {
      return false
    }
  })
}
