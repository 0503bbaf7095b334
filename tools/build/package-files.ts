/** Which files go into the bundle: what `npm pack` sends, and beside it the models that it leaves out. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What `npm pack` sends, as package.json's `files` say: paths below the root, in the order of unpacking. */
export function packageFiles(root: string): string[] {
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' } as const
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options))
  return inOrder(files.map(({ path }: { path: string }) => path))
}

/** The files of all models that are not among `files`. */
export function otherModelFiles(root: string, files: readonly string[]): string[] {
  const others = readdirSync(join(root, 'weights')).filter(
    (name) => existsSync(join(root, 'weights', name, 'card.json')) && !files.includes(`weights/${name}/card.json`),
  )
  return inOrder(
    others.flatMap((name) =>
      readdirSync(join(root, 'weights', name), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `weights/${name}/${entry.name}`),
    ),
  )
}

// A model's card comes after its weights: a server that runs meanwhile finds no model before it is whole.
function inOrder(files: string[]): string[] {
  const key = (path: string) => path.replace(/card\.json$/, '~card.json')
  return files.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
