/** Where the files of this program lie: package.json, `build/` and `weights/` are below one folder, from source and bundle alike. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds package.json, absolute. */
export const PROGRAM = programFolder(import.meta.dirname)

// A bundle lies at another depth than this file, so the folder is looked for upwards.
function programFolder(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error(`no package.json in any folder above ${import.meta.dirname}`)
  return programFolder(parent)
}

/** Where the compiled kernels and, in `web/`, the page are. */
export const BUILD = join(PROGRAM, 'build')

/** Where the shipped models are. */
export const SHIPPED_MODELS = join(PROGRAM, 'weights')

/** What `npx inkling` runs. */
export const COMMAND_LINE = join(PROGRAM, 'server/inkling.js')

/** The version in package.json. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(join(PROGRAM, 'package.json'), 'utf8')) as { version: string }).version
}
