/** The user's home folder, and paths that begin with `~`. */

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PROGRAM } from './program.ts'

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

/**
 * A path with `~` or `~/` at its start replaced by the home folder. A shell does that at the start of a word alone: not in
 * `--state=~/x`, and files of variables, units of systemd and Docker never do it. `~user` stays as it is.
 */
export function expandHome(path: string, home: () => string = homeFolder): string {
  return /^~(\/|$)/.test(path) ? join(home(), path.slice(1)) : path
}

/** A word of a command line with `~` expanded where a path begins: at its start, after `--option=`, and after the commas of a list. */
export function expandWord(word: string, home: () => string = homeFolder): string {
  const [option] = /^--[a-z-]+=/.exec(word) ?? ['']
  const paths = word.slice(option.length).split(',')
  return option + paths.map((path) => expandHome(path, home)).join(',')
}
