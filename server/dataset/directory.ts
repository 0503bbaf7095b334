/** The data directory: a folder with one folder per data set. */

import { isAbsolute, join, resolve } from 'node:path'
import { homeFolder } from '../files/home.ts'
import { pathVariable } from '../files/variables.ts'

/**
 * INKLING_DATA if it is set; else `inkling` in the user's data folder by the XDG Base Directory Specification, which ignores a
 * relative XDG_DATA_HOME.
 * @returns an absolute path, which need not exist
 */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env, home?: string): string {
  const named = pathVariable(env, 'INKLING_DATA')
  if (named) return resolve(named)
  const user = pathVariable(env, 'XDG_DATA_HOME')
  return join(user && isAbsolute(user) ? user : join(home ?? homeFolder(env), '.local', 'share'), 'inkling')
}
