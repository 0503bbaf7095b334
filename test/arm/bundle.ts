/** Writes programs of the ARM run as bundled JavaScript: Debian's Node does not strip types. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { bundleNodeCode } from '../../tools/build/node-code.ts'

/** Writes `<name>.js` into `outDir`, alone with what it needs, for each entry (name -> path of a .ts file). */
export async function bundle(root: string, outDir: string, entries: Readonly<Record<string, string>>): Promise<void> {
  const outputs = await bundleNodeCode(root, basename(outDir), entries)
  rmSync(outDir, { recursive: true, force: true })
  mkdirSync(outDir, { recursive: true })
  for (const [path, content] of outputs) writeFileSync(join(dirname(outDir), path), content)
}

/** Path of a bundled entry. */
export function bundled(outDir: string, name: string): string {
  return join(outDir, `${name}.js`)
}
