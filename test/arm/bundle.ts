/** Bundles TypeScript entries to plain JavaScript with everything they import: Debian's Node does not strip types. */

import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'vite'

/** The Node of Debian forky, and the one this project runs on. */
const TARGET = 'node24'

/** Writes `<name>.mjs` into `outDir` for each entry (name -> absolute path of a .ts file). */
export async function bundle(root: string, outDir: string, entries: Readonly<Record<string, string>>): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [threads(root)],
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

// A thread is started by the URL of its own file, which no import names: it becomes a file too, beside all others.
const THREAD = /new URL\('(\.\/[\w./-]+\.ts)', import\.meta\.url\)/g

function threads(root: string): Plugin {
  return {
    name: 'threads',
    enforce: 'pre',
    transform(code, id) {
      if (!code.match(THREAD)) return
      return code.replace(THREAD, (_, path: string) => {
        const entry = join(dirname(id), path)
        const fileName = relative(root, entry).replaceAll(/[\\/]/g, '-').replace(/\.ts$/, '.mjs')
        this.emitFile({ type: 'chunk', id: entry, fileName })
        return `new URL('./${fileName}', import.meta.url)`
      })
    },
  }
}

/** Path of a bundled entry. */
export function bundled(outDir: string, name: string): string {
  return join(outDir, `${name}.mjs`)
}
