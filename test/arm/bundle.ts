/** Bundles TypeScript entries to plain JavaScript with everything they import: Debian's Node does not strip types. */

import { join } from 'node:path'
import { build } from 'vite'

/** The Node of Debian forky, and the one this project runs on. */
const TARGET = 'node24'

/** Writes `<name>.mjs` into `outDir` for each entry (name -> absolute path of a .ts file). */
export async function bundle(root: string, outDir: string, entries: Readonly<Record<string, string>>): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target: TARGET,
      outDir,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: { ...entries },
        output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'shared-[hash].mjs' },
      },
    },
  })
}

/** Path of a bundled entry. */
export function bundled(outDir: string, name: string): string {
  return join(outDir, `${name}.mjs`)
}
