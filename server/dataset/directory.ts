/** The data directory: a folder with one folder per data set. */

import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/**
 * INKLING_DATA if it is set; else `inkling` in the user's data folder by the XDG Base Directory Specification, which ignores a
 * relative XDG_DATA_HOME.
 * @returns an absolute path, which need not exist
 */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  if (env.INKLING_DATA) return resolve(env.INKLING_DATA)
  const user = env.XDG_DATA_HOME
  return join(user && isAbsolute(user) ? user : join(home, '.local', 'share'), 'inkling')
}
