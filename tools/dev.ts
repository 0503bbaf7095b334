/**
 * `npm run dev`: the server as `npm start` runs it. When a source changes, builds what is stale and restarts the server;
 * the page then reloads itself. If the build fails, the running server continues.
 *
 * usage: npm run dev [-- OPTION...]    options of `inkling serve`
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveFlags } from '../server/launch.js'
import { DEVELOPMENT_PAGE } from './build/steps.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = ['assembly', 'core', 'server', 'web']

/** Time without changes after which an editor or git has written all files, ms. */
const QUIET = 100

const OUTPUTS = ['simd.wasm', 'scalar.wasm', DEVELOPMENT_PAGE.output]

const children = new Set<ChildProcess>()
let server: ChildProcess | undefined
let watchers: FSWatcher[] = []
let stopping = false
let changed = true
let updating = false

function run(program: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, program, { cwd: ROOT, stdio: 'inherit' })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || !children.has(child)) return
  child.kill()
  await once(child, 'exit')
}

async function update(): Promise<void> {
  if (updating) return
  updating = true
  while (changed && !stopping) {
    changed = false
    watchSources() // first, so that a change during the build is noticed
    const [failure] = await once(run(['tools/build.ts', ...OUTPUTS]), 'exit')
    if (failure !== 0 || changed || stopping) continue
    await stop(server)
    if (!stopping) server = run([...serveFlags(), 'server/inkling.js', 'serve', ...options()])
  }
  updating = false
}

function options(): string[] {
  return ['--page', join('build', DEVELOPMENT_PAGE.output), ...process.argv.slice(2)]
}

const quiet = setTimeout(update, QUIET)

// A watcher for each folder: on Linux a recursive one loses a file that an editor has replaced.
function watchSources(): void {
  for (const watcher of watchers) watcher.close()
  watchers = ['asconfig.json', ...SOURCES.flatMap(foldersBelow)].map((path) =>
    watch(join(ROOT, path), (_, name) => {
      if (name?.startsWith('.') || name?.endsWith('~')) return // an editor's own
      changed = true
      quiet.refresh()
    }),
  )
}

function foldersBelow(folder: string): string[] {
  const inner = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [folder, ...inner.flatMap(({ name }) => foldersBelow(`${folder}/${name}`))]
}

process.on('exit', () => {
  for (const child of children) child.kill()
})

// Ctrl-C reaches the children too: the server then ends at once, as it does on every second signal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping = true
    clearTimeout(quiet)
    for (const watcher of watchers) watcher.close()
    for (const child of children) child.kill()
  })
}
