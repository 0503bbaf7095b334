/** Other versions of Node, fetched from npm once and kept in .cache/nodes: `<version>/bin/node`. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProcess } from '../child-processes.ts'
import type { Missing } from '../skip.ts'

const CACHE = fileURLToPath(new URL('../../.cache/nodes', import.meta.url))
const PLATFORM = `${process.platform}-${process.arch}`

/** The oldest that package.json allows, and later ones. */
export const NODES = ['22.13.0', '24.7.0', '26.10.0']

/** npm has Node for these. */
export const noNodes: Missing = !['linux-x64', 'linux-arm64'].includes(PLATFORM) && `npm has no Nodes for ${PLATFORM}`

/** Path of a Node. @throws Error with npm's output where it cannot be fetched */
export async function nodeOf(version: string): Promise<string> {
  const folder = join(CACHE, version)
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true })
    const work = mkdtempSync(join(CACHE, '.fetching-'))
    await succeed('npm', ['pack', '--silent', `node-${PLATFORM}@${version}`], work)
    await succeed('tar', ['-xzf', `node-${PLATFORM}-${version}.tgz`], work)
    renameSync(join(work, 'package'), folder)
    rmSync(work, { recursive: true })
  }
  return join(folder, 'bin/node')
}

/** Runs a program in a folder to its end and returns what it printed. @throws Error with that where it fails */
export async function succeed(
  program: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
): Promise<string> {
  const { code, stdout, stderr } = await runProcess(program, args, { cwd, env })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return `${stdout}`
}
