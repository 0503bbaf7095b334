/** Which replay set there is on this machine. What loads it, `replay-set.ts`, is for the learning thread alone. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { haveTraining } from '../references/references.ts'

/** The data set whose training images are replayed where it is. */
export const DATA = 'mnist'

/** Which replay set, and where its files are. */
export interface ReplaySetChoice {
  readonly name: 'mnist' | 'replay'
  readonly file: string // prepared images of the data set
  readonly dataDir: string
}

/** The data set if it is prepared, else generated images. */
export function chooseReplaySet(folder: string, dataDir: string): ReplaySetChoice {
  const file = join(folder, `${DATA}-${PREPROCESS_VERSION}.images`)
  return { name: existsSync(file) && haveTraining([DATA], dataDir) ? 'mnist' : 'replay', file, dataDir }
}

/** Whether there is a data set on this machine that is not prepared. */
export function canPrepare({ name, dataDir }: ReplaySetChoice): boolean {
  return name !== 'mnist' && haveTraining([DATA], dataDir)
}
