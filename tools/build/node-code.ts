/** Bundles TypeScript entries with all that they import to plain JavaScript for Node, in memory. */

import { dirname, join, relative, resolve } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import type { Outputs } from './step.ts'

/** The oldest Node that runs the bundle. */
const TARGET = 'node22.13'

/** What only a clone has: charts are drawn where npm has installed these, and left out elsewhere. */
const LEFT_OUT = ['@observablehq/plot', 'linkedom']

/**
 * One folder, code-split, so that a command loads only what it needs. Only comments go: a stack names functions, files and lines
 * as they are. Minified it would be 70 KB smaller when packed (195 of 265), and start no faster.
 * @param folder where the files go, below build/
 * @param entries name -> path of a .ts file from the root, each of which becomes `<name>.js`
 * @throws Error with the bundler's messages
 */
export async function bundleNodeCode(
  root: string,
  folder: string,
  entries: Readonly<Record<string, string>>,
): Promise<Outputs> {
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, resolve(root, path)]))
  const built = (await build({
    root,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [threads(root)],
    ssr: { noExternal: true, external: LEFT_OUT, target: 'node' },
    build: {
      ssr: true,
      write: false,
      target: TARGET,
      minify: false,
      license: { fileName: 'licences.json' },
      rolldownOptions: {
        cwd: root, // the names of files in comments start there
        input,
        output: { comments: false, format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })) as Rolldown.RolldownOutput
  return new Map(
    built.output.map((file) => [`${folder}/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]),
  )
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
        const fileName = relative(root, entry).replaceAll(/[\\/]/g, '-').replace(/\.ts$/, '.js')
        this.emitFile({ type: 'chunk', id: entry, fileName })
        return `new URL('./${fileName}', import.meta.url)`
      })
    },
  }
}
