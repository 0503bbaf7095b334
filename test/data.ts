/** Where the real data sets are, for the tests that need them: the folder INKLING_DATA names, or nowhere. */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const named = process.env.INKLING_DATA

/** The data folder, absolute, or undefined where there is none. */
export const dataDir: string | undefined = named && existsSync(named) ? resolve(named) : undefined

/** Whether tests on real data can run; CI sets INKLING_DATA, elsewhere they say why they did not run. */
export const hasData = dataDir !== undefined

/** Path of a file in the data folder. Only call it where `hasData`. */
export function dataFile(...parts: string[]): string {
  if (dataDir === undefined) throw new Error('INKLING_DATA names no folder')
  return join(dataDir, ...parts)
}
