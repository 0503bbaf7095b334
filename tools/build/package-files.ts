/** Which files go into the bundle: what `npm pack` sends, and beside it the models that it leaves out. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'

const CARD = 'card.json'

/** What `npm pack` sends, as package.json's `files` say: paths below the root, in the order of unpacking. */
export function packageFiles(root: string): string[] {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(printed) as [{ files: { path: string }[] }]
  return inUnpackingOrder(files.map(({ path }) => path))
}

/** The files of all models that are not among `files`. */
export function otherModelFiles(root: string, files: readonly string[]): string[] {
  const others = readdirSync(join(root, 'weights')).filter(
    (name) => existsSync(join(root, 'weights', name, CARD)) && !files.includes(`weights/${name}/${CARD}`),
  )
  return inUnpackingOrder(
    others.flatMap((name) =>
      readdirSync(join(root, 'weights', name), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `weights/${name}/${entry.name}`),
    ),
  )
}

/** By kind of file, which packs better. Cards come last: a server that runs meanwhile finds no model before it is whole. */
export function inUnpackingOrder(files: readonly string[]): string[] {
  const key = (path: string) => `${basename(path) === CARD ? 2 : 1} ${extname(path)} ${path}`
  return files.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
