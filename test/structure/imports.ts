/** The rules of the import lines: which folders and files may import which, and what is exported where. */

import { COMPUTED, type Source } from './source.ts'

// What may be imported by the sources of each folder, besides packages: all, none, or those that are named.
const FOLDERS: Readonly<Record<string, { readonly own: RegExp; readonly packages: boolean | readonly string[] }>> = {
  assembly: { own: /^assembly\//, packages: false },
  core: { own: /^core\//, packages: false },
  server: { own: /^(server|core)\/|^build\/server\/cli\.js$/, packages: true },
  web: {
    own: /^(web|core)\/|^build\/(simd|scalar)\.wasm|^weights\/replay\.safetensors\?url$/,
    packages: ['lean-qr/nano', 'lean-qr/extras/svg'],
  },
  tools: { own: /^(tools|test|core|server|web)\//, packages: true },
  test: { own: /^(test|tools|core|server|web)\/|^vitest\.config\.ts$/, packages: true },
}

/** Configuration of a program that runs before ours: it imports packages. */
const CONFIGURATION = 'web/vite.config.ts'

/** They bring the parts together and touch the platform; so do the entries of threads. */
const ROOTS = ['server/node.ts', 'server/cli.ts', 'server/inkling.js', 'web/main.ts', CONFIGURATION]

/** Who may import one nevertheless: the program starts the command line, one command starts the server. */
const ALLOWED = ['server/inkling.js imports server/cli.ts', 'server/commands/run-server.ts imports server/node.ts']

/** Imports, and starts of threads, that leave the folders a file may use. */
export function foreignImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports, starts }) => {
    const { own, packages } = FOLDERS[path.split('/')[0]]
    const allowed = (name: string) =>
      own.test(name) || (name !== COMPUTED && !isOwn(name) && (path === CONFIGURATION || isAmong(name, packages)))
    return [...imports, ...starts].filter((name) => !allowed(name)).map((name) => `${path} imports ${name}`)
  })
}

const isAmong = (name: string, packages: boolean | readonly string[]) =>
  typeof packages === 'boolean' ? packages : packages.includes(name)

// A file of this project, from the root; all others are packages and node: modules.
const isOwn = (name: string) =>
  /^(\.\.?\/|build\/)|\.(ts|js|json|wasm)(\?|$)/.test(name) || name.split('/')[0] in FOLDERS

/** Imports of a file that only composes. */
export function importsOfRoots(sources: readonly Source[]): string[] {
  const roots = new Set([...ROOTS, ...sources.flatMap(({ starts }) => starts)])
  return sources
    .flatMap(({ path, imports }) => imports.filter((name) => roots.has(name)).map((name) => `${path} imports ${name}`))
    .filter((offence) => !ALLOWED.includes(offence))
}

/** A circle of imports, of types too, as `a -> b -> a`; one at a time. */
export function importCircle(sources: readonly Source[]): string[] {
  const left = new Map(sources.map(({ path, imports }) => [path, imports]))
  const next = (path: string) => left.get(path)?.find((name) => left.has(name))
  for (let before = Infinity; left.size < before; ) {
    before = left.size
    for (const path of left.keys()) if (next(path) === undefined) left.delete(path)
  }
  const [start] = left.keys()
  if (start === undefined) return []
  const walk = [start]
  for (;;) {
    const path = next(walk[walk.length - 1]) as string
    const met = walk.indexOf(path)
    walk.push(path)
    if (met >= 0) return [walk.slice(met).join(' -> ')]
  }
}

/** Names that more than one file exports. */
export function namesExportedTwice(sources: readonly Source[]): string[] {
  const homes = new Map<string, string[]>()
  for (const { path, exports } of sources) {
    for (const name of exports) homes.set(name, [...(homes.get(name) ?? []), path])
  }
  return [...homes].filter(([, files]) => files.length > 1).map(([name, files]) => `${name}: ${files.join(', ')}`)
}

/** Exports of what another file declares. */
export function reexports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, passedOn }) => passedOn.map((name) => `${path} re-exports ${name}`))
}
