/** Bundles TypeScript entries with all that they import to plain JavaScript for Node, in memory. */

import { dirname, join, relative, resolve } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import type { Outputs } from './step.ts'

/** The oldest Node that runs the bundle. */
const TARGET = 'node22.13'

/** What only a clone has: charts are drawn where npm has installed these, and left out elsewhere. */
const LEFT_OUT = ['@observablehq/plot', 'linkedom']

/** The licences of the libraries in the code, as JSON. */
const LICENCES = 'licences.json'

/** Names of entries, and paths of their .ts files. */
type Entries = Readonly<Record<string, string>>

/** Modules that are in one file, with all that they import beyond what entries import. */
export interface OneFile {
  readonly name: string
  readonly modules: readonly string[] // paths from the root
}

/**
 * One folder, code-split, so that a command loads only what it needs. Each entry becomes `<name>.js`. So does each thread, in a
 * bundle of its own, so that it loads nothing of the server's.
 *
 * Only comments go: a stack names functions, files and lines as they are. Minified, the code would be 70 KB smaller when packed
 * (195 of 265), and start no faster. A file more costs more: on emulated ARM some 8 ms of processor time.
 * @param folder where the files go, below build/
 * @param entries paths from the root
 * @throws Error with the bundler's messages
 */
export async function bundleNodeCode(
  root: string,
  folder: string,
  entries: Entries,
  oneFile?: OneFile,
): Promise<Outputs> {
  const threads = new Map<string, string>()
  const files = await bundleEntries(root, entries, threads, oneFile)
  const sorted = Object.fromEntries([...threads].sort()) // they are found in any order, and chunks are named by the first
  const ofThreads = threads.size > 0 ? await bundleEntries(root, sorted, new Map()) : new Map<string, string>()
  const licences = [files, ofThreads].flatMap((bundle) => JSON.parse(String(bundle.get(LICENCES) ?? '[]')))
  files.set(LICENCES, JSON.stringify(licences))
  return new Map([...ofThreads, ...files].map(([name, content]) => [`${folder}/${name}`, content]))
}

/** Files by their names. Adds the threads that the code starts to `threads`. */
async function bundleEntries(
  root: string,
  entries: Entries,
  threads: Map<string, string>,
  oneFile?: OneFile,
): Promise<Map<string, Uint8Array | string>> {
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, resolve(root, path)]))
  const grouping = oneFile && group(root, Object.values(input), oneFile)
  const built = (await build({
    root,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [nameThreads(root, threads), grouping?.plugin],
    ssr: { noExternal: true, external: LEFT_OUT, target: 'node' },
    build: {
      ssr: true,
      write: false,
      target: TARGET,
      minify: false,
      license: { fileName: LICENCES },
      rolldownOptions: {
        cwd: root, // the names of files in comments start there
        input,
        output: {
          comments: false,
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          codeSplitting: grouping?.options ?? true,
        },
      },
    },
  })) as Rolldown.RolldownOutput
  return new Map(built.output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]))
}

// One file for what entries import, directly or not, and one for what the modules import besides. The first needs no other.
function group(root: string, entries: readonly string[], { name, modules }: OneFile) {
  const [ofEntries, ofModules] = [new Set<string>(), new Set<string>()]
  const plugin: Plugin = {
    name: 'group',
    buildEnd() {
      const add = (id: string, set: Set<string>) => {
        if (set.has(id)) return
        set.add(id)
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) add(imported, set)
      }
      for (const id of entries) add(id, ofEntries)
      for (const path of modules) add(resolve(root, path), ofModules)
    },
  }
  const groups = [
    { name: 'start', test: (id: string) => ofEntries.has(id) && !entries.includes(id) },
    { name, test: (id: string) => ofModules.has(id) && !ofEntries.has(id) },
  ]
  return { plugin, options: { groups } }
}

// A thread is started by the URL of its own file, which no import names: it becomes an entry of the same name wherever it is started.
const THREAD = /new URL\('(\.\/[\w./-]+\.ts)', import\.meta\.url\)/g

function nameThreads(root: string, threads: Map<string, string>): Plugin {
  return {
    name: 'threads',
    enforce: 'pre',
    transform(code, id) {
      if (!code.match(THREAD)) return
      return code.replace(THREAD, (_, path: string) => {
        const entry = join(dirname(id), path)
        const name = relative(root, entry).replaceAll(/[\\/]/g, '-').replace(/\.ts$/, '')
        threads.set(name, entry)
        return `new URL('./${name}.js', import.meta.url)`
      })
    },
  }
}
