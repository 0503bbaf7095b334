/** Opens a state directory and the shipped models for a command. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { Card } from '../../core/models/card.ts'
import { MEBIBYTE } from '../../core/recognizer.ts'
import { type LearningSetting, SETTINGS } from '../config.ts'
import { openStore, storeFile } from '../corrections/store.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { openState, stateDirectory } from '../files/state-directory.ts'
import { ModelFolder } from '../models/folder.ts'
import { learningPermit } from '../phone/learning-permit.ts'
import { isReferenceModel, referencesRoot } from '../references/references.ts'
import { RoundStore } from '../store/rounds.ts'
import { type OpenLearning, openLearning } from './open.ts'

/** Options of every command about learning. */
export interface OfflineOptions {
  readonly state?: string
  readonly weights?: string
  readonly dataDir?: string
  readonly seed?: number
  readonly learning?: LearningSetting
  readonly teachers?: Teachers
}

/** The shipped models, as in the server. */
function shippedModels({ weights }: OfflineOptions, memory: number, warn: (message: string) => void): ModelFolder {
  const replacements = { root: referencesRoot(), accept: (card: Card) => isReferenceModel(card, memory) }
  return new ModelFolder(weights ?? SHIPPED_MODELS, () => performance.now(), warn, weights ? undefined : replacements)
}

/** Memory that models may take unless a server's settings say otherwise, bytes. */
const MODEL_MEMORY = SETTINGS.modelMemory.initial * MEBIBYTE

/**
 * Calls `work` with the state directory locked.
 * @throws Error already_running while a server runs on it
 */
export async function withLearning<Result>(
  options: OfflineOptions,
  warn: (message: string) => void,
  work: (learning: OpenLearning) => Result | Promise<Result>,
): Promise<Result> {
  const state = openState(stateDirectory(options.state))
  try {
    const store = openStore(state.path, { warn })
    const zoo = shippedModels(options, MODEL_MEMORY, warn)
    const learning = openLearning({
      database: store.database,
      state: state.path,
      shipped: zoo,
      files: zoo,
      memory: MODEL_MEMORY,
      warn,
      teachers: options.teachers,
      permit: learningPermit(options.learning ?? 'on'),
      dataDir: options.dataDir ? resolve(options.dataDir) : dataDirectory(),
      ...(options.seed !== undefined && { seed: options.seed }),
    })
    try {
      return await work(learning)
    } finally {
      await learning.close()
      store.close()
    }
  } finally {
    state.release()
  }
}

/** Reads what was learned, also while a server runs. `store` is undefined where there has been no correction yet. */
export function readRounds<Result>(
  options: OfflineOptions,
  warn: (message: string) => void,
  read: (zoo: ModelFolder, store: RoundStore | undefined) => Result,
): Result {
  const path = stateDirectory(options.state)
  const zoo = shippedModels(options, MODEL_MEMORY, warn)
  if (!existsSync(storeFile(path))) return read(zoo, undefined)
  const store = openStore(path, { warn, readOnly: true })
  try {
    return read(zoo, new RoundStore(store.database))
  } finally {
    store.close()
  }
}
