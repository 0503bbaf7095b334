/**
 * k nearest neighbours with every training image on this machine as a reference, in place of the shipped prototypes: where that
 * model lies, how it is known, and what it takes to make it. `referencemaking.ts` makes it.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Card, type NeighboursCard, parseCard } from '../../core/models/card.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { loadedMemory } from '../../core/recognizer.ts'
import { CATALOGUE } from '../dataset/catalogue.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { findFiles } from '../dataset/find.ts'
import { findStrokes } from '../dataset/stroke-sets.ts'

/** Beside a card of k nearest neighbours: the cards of what it becomes with all the images of known data sets. */
export const REFERENCES_FILE = 'references.json'

/** What its card calls its kind, by which it is told from one with prototypes. */
export const REFERENCES_KIND = 'nearest of all training images'

/** Folder of the models that stand in for shipped ones: not with the data sets, which may be on a read-only disk. */
export function referencesRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(dataDirectory({ ...env, INKLING_DATA: '' }), 'models')
}

/** The cards in a model folder's REFERENCES_FILE; none where it has none. */
export function knownReferences(folder: string): NeighboursCard[] {
  let text: string
  try {
    text = readFileSync(join(folder, REFERENCES_FILE), 'utf8')
  } catch {
    return []
  }
  return (JSON.parse(text) as unknown[]).map(parseCard).filter((card) => card.type === 'neighbours')
}

/** Whether this is the card of a model made here that this program can run, in that much memory. */
export function isReferenceModel(card: Card, memory: number): boolean {
  return card.kind === REFERENCES_KIND && card.preprocess === PREPROCESS_VERSION && loadedMemory(card) <= memory
}

/** Whether the training parts of all these sets are below a data directory, by the names of their files. */
export function haveTraining(names: readonly string[], dataDir: string): boolean {
  return names.every((name) => {
    try {
      if (findStrokes(name, 'train', dataDir) !== undefined) return true
      const folders = CATALOGUE.find((entry) => entry.name === name)?.folders ?? [name]
      return folders.some((folder) => findFiles(join(dataDir, folder), 'train') !== undefined)
    } catch {
      return false
    }
  })
}
