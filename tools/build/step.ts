/**
 * A step of the build, when its output is fresh, and how it is written. Freshness compares contents, not times, so a
 * checkout, a copy and a touched file are treated alike.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files to write: path below build/, with forward slashes, and content. */
export type Outputs = ReadonlyMap<string, Uint8Array | string>

export interface Step {
  /** The file or folder below build/ that the step owns. What else is found in the folder is removed. */
  readonly output: string
  /** Files and folders below the root that the output depends on. Steps that make some of them come earlier. */
  readonly inputs: readonly string[]
  /** Environment variables that the output depends on. */
  readonly variables?: readonly string[]
  /** Makes the output in memory. `root` is the repository's folder. */
  readonly make: (root: string) => Promise<Outputs>
}

/** What build/stamps/<output>.json holds: SHA-256 of all inputs and variables, and of each output file by its path below build/. */
interface Stamp {
  readonly inputs: string
  readonly outputs: Readonly<Record<string, string>>
}

/** Whether the output is complete, unchanged since the step wrote it, and made from the inputs as they are now. */
export function isFresh(root: string, step: Step): boolean {
  const stamp = readStamp(root, step)
  if (stamp === undefined || stamp.inputs !== digestInputs(root, step)) return false
  const build = join(root, 'build')
  const found = filesBelow(build, step.output)
  return (
    found.length === Object.keys(stamp.outputs).length &&
    found.every((file) => stamp.outputs[file] === digest(readFileSync(join(build, file))))
  )
}

/**
 * Makes and writes the output, and says so. Where making fails, the old output stays, and is still stale. A step that is stopped while
 * it writes leaves files that do not match the stamp, so it is stale too.
 */
export async function runStep(root: string, step: Step): Promise<void> {
  const begun = performance.now()
  const inputs = digestInputs(root, step) // before making, so that an edit in the meantime leaves the step stale
  const made = await step.make(root)
  const build = join(root, 'build')
  for (const [file, content] of made) replace(root, join(build, file), content)
  for (const file of filesBelow(build, step.output)) if (!made.has(file)) rmSync(join(build, file), { force: true })
  const outputs = Object.fromEntries([...made].map(([file, content]) => [file, digest(content)]))
  replace(root, stampFile(root, step), `${JSON.stringify({ inputs, outputs } satisfies Stamp, null, 2)}\n`)
  console.log(`built build/${step.output} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
}

function stampFile(root: string, step: Step): string {
  return join(root, 'build/stamps', `${step.output}.json`)
}

// A stamp that cannot be read counts as none.
function readStamp(root: string, step: Step): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(stampFile(root, step), 'utf8'))
  } catch {
    return undefined
  }
}

function digestInputs(root: string, step: Step): string {
  const hash = createHash('sha256')
  for (const file of step.inputs.flatMap((input) => filesBelow(root, input))) {
    hash.update(`${file}\0${digest(readFileSync(join(root, file)))}\n`)
  }
  for (const name of step.variables ?? []) if (process.env[name]) hash.update(`${name}=${process.env[name]}\n`)
  return hash.digest('hex')
}

/** Files at or below `path`, sorted, relative to `folder`, without dot-files; none where it does not exist. */
function filesBelow(folder: string, path: string): string[] {
  const found = statSync(join(folder, path), { throwIfNoEntry: false })
  if (found === undefined) return []
  if (!found.isDirectory()) return [path]
  return readdirSync(join(folder, path))
    .filter((name) => !name.startsWith('.'))
    .sort()
    .flatMap((name) => filesBelow(folder, `${path}/${name}`))
}

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}

// Through a temporary file that is no part of any output: readers see the old content or the new one.
function replace(root: string, file: string, content: Uint8Array | string): void {
  const temporary = join(root, 'build/stamps', `.${process.pid}`)
  mkdirSync(dirname(temporary), { recursive: true })
  writeFileSync(temporary, content)
  mkdirSync(dirname(file), { recursive: true })
  renameSync(temporary, file)
}
