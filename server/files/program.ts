/** The folders of this program's files: package.json, `build/` and `weights/` are in one folder, of the source and of a bundle. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds package.json, absolute. */
export const PROGRAM = programFolder(import.meta.dirname)

// A bundle is at another depth than this file, so the folder is searched for upwards.
function programFolder(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error(`no package.json in any folder above ${import.meta.dirname}`)
  return programFolder(parent)
}

/** The folder of the compiled kernels and, in `web/`, of the page. */
export const BUILD = join(PROGRAM, 'build')

/** The folder of the shipped models. */
export const SHIPPED_MODELS = join(PROGRAM, 'weights')

/** The file that `npx inkling` runs. */
export const COMMAND_LINE = join(PROGRAM, 'server/inkling.js')

/** The version in package.json. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(join(PROGRAM, 'package.json'), 'utf8')) as { version: string }).version
}
