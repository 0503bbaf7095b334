/** The rules of the folders, read off the import lines: arrows point to core, core points nowhere, assembly is alone. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const tracked = [
  'package.json',
  'tsconfig.json',
  'asconfig.json',
  'vitest.config.ts',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'LICENSE',
  'package-lock.json',
]

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

// What a file imports: packages and node: modules as they stand, its own files as paths from the root.
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const names = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name)
  return names.map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name))
}

function offences(folder: string, allowed: (imported: string) => boolean): string[] {
  const files = sources(folder)
  expect(files.length, folder).toBeGreaterThan(0)
  return files.flatMap((file) =>
    imports(file)
      .filter((imported) => !allowed(imported))
      .map((imported) => `${file} imports ${imported}`),
  )
}

describe('imports', () => {
  test('of core stay in core', () => {
    expect(offences('core', (imported) => imported.startsWith('core/'))).toEqual([])
  })

  test('of assembly stay in assembly', () => {
    expect(offences('assembly', (imported) => imported.startsWith('assembly/'))).toEqual([])
  })

  test('of the server are its own, core’s, packages and Node’s', () => {
    expect(offences('server', (imported) => !/^(web|assembly|test|tools)\//.test(imported))).toEqual([])
  })

  test('of the page are its own, core’s and the built kernels', () => {
    const allowed = (imported: string) => /^(web|core)\//.test(imported) || /^build\/(simd|scalar)\.wasm/.test(imported)
    const page = offences('web', allowed).filter((line) => !line.startsWith('web/vite.config.ts'))
    expect(page).toEqual([])
  })

  test('nobody imports assembly', () => {
    for (const folder of ['core', 'server', 'web', 'test', 'tools']) {
      expect(offences(folder, (imported) => !imported.startsWith('assembly/'))).toEqual([])
    }
  })
})

describe('the tree', () => {
  test('has nothing at its top but the named files, dot-files and folders', () => {
    const names = readdirSync(root).filter((name) => !name.startsWith('.') && !['build', 'node_modules'].includes(name))
    const folders = ['assembly', 'core', 'docs', 'server', 'test', 'tools', 'weights', 'web']
    expect(names.filter((name) => ![...tracked, ...folders].includes(name))).toEqual([])
  })

  test('has a twin in core/kernels for every family in assembly', () => {
    const families = (folder: string) => sources(folder).map((file) => file.slice(folder.length + 1))
    const kernels = families('core/kernels')
    const config = readFileSync(join(root, 'asconfig.json'), 'utf8')
    const entries = [...config.matchAll(/"assembly\/([\w-]+\.ts)"/g)].map(([, name]) => name)
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.filter((name) => !kernels.includes(name))).toEqual([])
  })

  test('has no file past 400 lines', () => {
    const long = ['assembly', 'core', 'server', 'web', 'test', 'tools']
      .flatMap(sources)
      .map((file) => [file, readFileSync(join(root, file), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > 400)
    expect(long).toEqual([])
  })
})
