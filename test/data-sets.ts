/** Where the real data sets are, for the tests that need them: the folder INKLING_DATA names, or nowhere. */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Missing } from './skip.ts'

const named = process.env.INKLING_DATA

/** The data folder, absolute, or undefined where there is none. */
export const dataDir: string | undefined = named && existsSync(named) ? resolve(named) : undefined

/** Why tests on real data cannot run, for test/skip.ts. */
export const noData: Missing = dataDir === undefined && 'INKLING_DATA names no folder of data sets'

/** Path of a file in the data folder. Only call it where nothing is missing. */
export function dataFile(...parts: string[]): string {
  if (dataDir === undefined) throw new Error('INKLING_DATA names no folder')
  return join(dataDir, ...parts)
}
