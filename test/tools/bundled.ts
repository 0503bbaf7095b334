/** The bundle as tests meet it: written by `npm run bundle`, unpacked by tar, with the digits it is asked to read. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { PredictResponse } from '../../core/protocol.ts'
import { programVersion } from '../../server/files/program.ts'
import { sha256 } from '../../server/files/sha256.ts'
import { succeed } from './nodes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DIGITS = join(ROOT, 'test/arm/fixtures')

/** The name of the folder that both archives unpack to. */
export const FOLDER = `inkling-${programVersion()}`

/** The archives that `npm run bundle` writes in a repository. */
export function archives(root: string = ROOT) {
  return {
    program: join(root, `build/inkling-${programVersion()}.tgz`),
    models: join(root, `build/inkling-models-${programVersion()}.tgz`),
  }
}

/** Writes the archives, of what is stale anew. */
export async function bundle(): Promise<void> {
  await succeed('npm', ['run', '--silent', 'bundle'], ROOT)
}

/** Unpacks an archive in a folder, a new one unless given. Returns the folder that was in it. */
export async function unpack(
  archive: string,
  folder: string = mkdtempSync(join(tmpdir(), 'inkling-unpacked-')),
  [program, ...args]: readonly string[] = ['tar'],
): Promise<string> {
  mkdirSync(folder, { recursive: true })
  await succeed(program, [...args, '-xzf', archive], folder)
  const [name] = readdirSync(folder)
  return join(folder, name)
}

/** SHA-256 of every file below a folder, by its path there. */
export function digests(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
  return Object.fromEntries(paths.map((path) => [path, sha256(readFileSync(join(folder, path)))]))
}

/** Asks a server for a digit that is drawn in a file of which the name begins with it, and expects that answer. */
export async function expectRightAnswer(url: string, model = 'cnn'): Promise<void> {
  const [file] = readdirSync(DIGITS).sort()
  const answer = await fetch(`${url}/api/v1/predict?model=${model}`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: readFileSync(join(DIGITS, file)),
  })
  const said = (await answer.json()) as PredictResponse
  expect(said, `of ${model}`).toMatchObject({ digit: Number(file[0]) })
}
