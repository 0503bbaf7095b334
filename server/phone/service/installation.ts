/** Where this program is installed, which command starts it there, and the way back to the release before. */

import { existsSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../../files/durable.ts'
import { PROGRAM } from '../../files/program.ts'
import { serveFlags } from '../../launch.js'

export interface Installation {
  /** The folder that install.sh made; undefined of a clone, an unpacked bundle or a package of npm. */
  readonly home: string | undefined
  /** The folder of the program, absolute. Where install.sh made it, the link to the release in use, so that it stays valid. */
  readonly program: string
  /** What to type for this command line. */
  readonly command: string
}

/** @param program folder of the program that runs, without links */
export function findInstallation(program: string = PROGRAM): Installation {
  const releases = dirname(program)
  const home = dirname(releases)
  if (basename(releases) === 'releases' && existsSync(join(home, 'current'))) {
    return { home, program: join(home, 'current'), command: join(home, 'inkling') }
  }
  return { home: undefined, program, command: `node ${join(program, 'server/inkling.js')}` }
}

/** The program and arguments that start the server. The flags of Node are given, so that Node need not start itself again. */
export function serveArguments({ program }: Installation, options: readonly string[]): string[] {
  return [process.execPath, ...serveFlags(), join(program, 'server/inkling.js'), 'serve', ...options]
}

/**
 * Exchanges the release in use with the one before. Interrupted, it leaves a whole release in use.
 * @returns the name of the release that is in use now
 * @throws Error with a sentence where there is none before
 */
export function exchangeReleases({ home }: Installation): string {
  if (home === undefined) {
    throw new Error('rollback: this program was not installed by install.sh, which keeps the release before')
  }
  const [current, previous] = ['current', 'previous'].map((name) => targetOf(join(home, name)))
  if (!current || !previous || current === previous || !existsSync(join(home, previous, 'package.json'))) {
    throw new Error(`rollback: there is no release before this one in ${join(home, 'releases')}`)
  }
  point(join(home, 'previous'), current)
  point(join(home, 'current'), previous)
  syncFolder(home)
  return basename(previous)
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function point(link: string, target: string): void {
  const made = `${link}.new`
  rmSync(made, { force: true })
  symlinkSync(target, made)
  renameSync(made, link)
}
