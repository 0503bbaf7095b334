/** The data directory: a folder with one folder per data set. */

import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { PROGRAM } from '../files/program.ts'

/**
 * INKLING_DATA if it is set; else `inkling` in the user's data folder by the XDG Base Directory Specification, which ignores a
 * relative XDG_DATA_HOME.
 * @returns an absolute path, which need not exist
 */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env, home?: string): string {
  if (env.INKLING_DATA) return resolve(env.INKLING_DATA)
  const user = env.XDG_DATA_HOME
  return join(user && isAbsolute(user) ? user : join(home ?? homeFolder(env), '.local', 'share'), 'inkling')
}

/**
 * The user's home folder; where the system names none, that of Termux, else the folder of this program.
 * @param known gives HOME, else the home in the user database; it throws where there is neither
 */
export function homeFolder(env: NodeJS.ProcessEnv = process.env, known: () => string = homedir): string {
  try {
    const home = known()
    if (isAbsolute(home)) return home
  } catch {
    // a boot script or a container may start a user without one
  }
  const prefix = env.PREFIX ?? ''
  return /^\/.*\/com\.termux\//.test(prefix) ? join(prefix, '..', 'home') : PROGRAM
}
