/** The rules of the tree and of its imports; what reads and judges the sources is in structure/. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { foreignImports, importCircle, importsOfRoots, namesExportedTwice, reexports } from './structure/imports.ts'
import { spreadLiterals } from './structure/literals.ts'
import { platformUses } from './structure/platform.ts'
import { readSources, type Source } from './structure/source.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['assembly', 'core', 'server', 'web', 'tools', 'test']
const FILES = [
  'package.json',
  'tsconfig.json',
  'asconfig.json',
  'vitest.config.ts',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'package-lock.json',
  'install.sh',
  'Dockerfile',
  'Procfile',
]

const texts = Object.fromEntries(
  FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
)
const sources = readSources(texts)
const of = (...folders: string[]) => sources.filter(({ path }) => folders.includes(path.split('/')[0]))

/** Offences that a rule finds in sources made up for it, each given as path and text. */
function caught(rule: (sources: readonly Source[]) => string[], ...files: (readonly [path: string, text: string])[]) {
  return rule(readSources(Object.fromEntries(files)))
}

describe('imports', () => {
  test('core and assembly import themselves, server and web also core, only tools and test import test', () => {
    for (const folder of FOLDERS) expect(of(folder).length, folder).toBeGreaterThan(0)
    expect(foreignImports(sources)).toEqual([])
  })

  test.each([
    ['core/a.ts', `import { b } from "../server/b.ts"`],
    ['core/a.ts', `import type { B } from '../web/b.ts'`],
    ['core/a.ts', `export * from '../server/b.ts'`],
    ['core/a.ts', `import 'node:fs'`],
    ['core/a.ts', 'await import(`node:fs`)'],
    ['core/a.ts', `await import('node:' + 'fs')`],
    ['core/a.ts', `let b: import('../server/b.ts').B`],
    ['core/a.ts', `import fs = require('node:fs')`],
    ['core/a.ts', `import { b } from '../build/b.js'`],
    ['server/a.ts', `import { b } from "../web/b.ts"`],
    ['server/a.ts', `new Worker(new URL('../web/b.ts', import.meta.url))`],
    ['server/a.ts', `const { b } = await import('../test/b.ts')`],
    ['server/a.ts', `require('../tools/b.ts')`],
    ['web/a.ts', `import { b } from 'hono'`],
    ['web/a.ts', `import { b } from '../server/b.ts'`],
    ['test/a.ts', `import { b } from '../assembly/b.ts'`],
    ['assembly/a.ts', `import { b } from '../core/b.ts'`],
  ])('%s may not contain: %s', (path, text) => {
    expect(caught(foreignImports, [path, text])).toHaveLength(1)
  })

  test('of core, server and web make no circle', () => {
    expect(importCircle(of('core', 'server', 'web'))).toEqual([])
  })

  test('a circle of any length is found, of types too', () => {
    const a = ['core/a.ts', `import type { B } from './b.ts'`] as const
    const b = ['core/b.ts', `let c: import("./c.ts").C`] as const
    const c = ['core/c.ts', `const a = await import('./a.ts')`] as const
    const outside = ['core/d.ts', `import { a } from './a.ts'`] as const
    expect(caught(importCircle, outside, a, b, c)).toEqual(['core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts'])
    expect(caught(importCircle, outside, a, b)).toEqual([])
    expect(caught(importCircle, ['core/a.ts', `import './a.ts'`])).toEqual(['core/a.ts -> core/a.ts'])
  })

  test('of test only child-processes.ts starts processes', () => {
    const starting = of('test').filter(({ imports }) => imports.some((name) => /^(node:)?child_process$/.test(name)))
    expect(starting.map(({ path }) => path)).toEqual(['test/child-processes.ts'])
  })

  test('nothing imports what only composes: server/node.ts, server/cli.ts, web/main.ts, entries of threads', () => {
    expect(importsOfRoots(of('core', 'server', 'web'))).toEqual([])
  })

  test.each([
    [`import { startServer } from '../node.ts'`],
    [`import type { Running } from "../node.ts"`],
    [`await import('../cli.ts')`],
    [`import './thread.ts'; new Worker(new URL('./thread.ts', import.meta.url))`],
  ])('a room of the server may not contain: %s', (text) => {
    expect(caught(importsOfRoots, ['server/room/a.ts', text])).toHaveLength(1)
  })
})

describe('exports', () => {
  test('no name is exported by two files of core, server and web', () => {
    expect(namesExportedTwice(of('core', 'server', 'web'))).toEqual([])
  })

  test.each([
    ['export const one = 1'],
    ['export const [, { two: one }] = [0, { two: 2 }]'],
    ['export function* one() {}'],
    ['export type one = 1'],
    ['export interface one {}'],
    ['const two = 2; export { two as one }'],
  ])('a name that %s exports cannot be exported again', (text) => {
    const again = caught(namesExportedTwice, ['core/a.ts', text], ['web/b.ts', 'export class one {}'])
    expect(again).toEqual(['one: core/a.ts, web/b.ts'])
  })

  test('nothing is exported again by a file that did not declare it', () => {
    expect(reexports(of('core', 'server', 'web'))).toEqual([])
  })

  test.each([
    [`export * from './b.ts'`],
    [`export { b } from './b.ts'`],
    [`export type { B } from './b.ts'`],
    [`import { b } from './b.ts'; export { b as c }`],
  ])('may not be: %s', (text) => {
    expect(caught(reexports, ['core/a.ts', text])).toHaveLength(1)
  })
})

describe('core', () => {
  test('touches no platform', () => {
    expect(platformUses(of('core'))).toEqual([])
  })

  test.each([
    ['process.exit()'],
    ['Buffer.from([])'],
    ['document.title'],
    ['window'],
    ['await fetch(address => address)'],
    ['const { log } = console'],
    ['setTimeout(() => {}, 1)'],
    ['new WebAssembly.Module(new Uint8Array(0))'],
    ['({ process })'],
    ['[process]'],
    ['globalThis.process'],
    [`globalThis['process']`],
    ['(globalThis as { document?: unknown }).document'],
    ['const { document: page } = globalThis'],
    [`Reflect.get(globalThis, 'process')`],
    ['import.meta.url'],
    ['import.meta.env.MODE'],
    [`require('fs')`],
    [`await import('./b.ts')`],
    ['declare const process: { exit(): void }'],
    ['export function width(window: number) { return window }; window.title'],
    ['for (const module of []) {} module.exports = 1'],
    ['enum Place { here = process.pid }'],
    [`new Function('return process')()`],
    [`(0, eval)('process')`],
    [`[].map.constructor('return process')()`],
    [`[].map['constructor']('return process')()`],
    ['[].map[`constructor`](1)'],
  ])('may not contain: %s', (text) => {
    expect(caught(platformUses, ['core/a.ts', text])).not.toEqual([])
  })

  test('one file, by name, looks up WebAssembly', () => {
    const text = 'export const engine = () => (globalThis as { WebAssembly?: unknown }).WebAssembly'
    expect(caught(platformUses, ['core/backend/wasm.ts', text])).toEqual([])
    expect(caught(platformUses, ['core/backend/choose.ts', text])).toEqual(['core/backend/choose.ts uses globalThis'])
  })
})

test('no literal is spread', () => {
  expect(spreadLiterals(sources)).toEqual([])
  expect(caught(spreadLiterals, ['core/a.ts', 'const a = { ...{ b: 1, c: 2 } }'])).toHaveLength(1)
  expect(caught(spreadLiterals, ['core/a.ts', 'const a = Math.max(...[1, 2])'])).toHaveLength(1)
  expect(caught(spreadLiterals, ['core/a.ts', 'const a = (b?: number) => ({ ...(b && { b }) })'])).toEqual([])
})

describe('the tree', () => {
  test('has nothing at its top but the named files, dot-files and folders', () => {
    const names = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !['build', 'node_modules'].includes(name))
    expect(names.filter((name) => ![...FILES, ...FOLDERS, 'docs', 'weights'].includes(name))).toEqual([])
  })

  test.each([
    ['server', 7],
    ['web', 8],
    ['core', 10],
  ])('has at the root of %s at most %d files', (folder, most) => {
    const entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    expect(files.length, files.join(' ')).toBeLessThanOrEqual(most)
  })

  test('has a twin in core/kernels for every family in assembly', () => {
    const config = readFileSync(join(ROOT, 'asconfig.json'), 'utf8')
    const entries = [...config.matchAll(/"assembly\/([\w-]+\.ts)"/g)].map(([, name]) => name)
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.filter((name) => !(`core/kernels/${name}` in texts))).toEqual([])
  })

  test('has no file past 400 lines', () => {
    const lines = Object.entries(texts).map(([path, text]) => [path, text.split('\n').length] as const)
    expect(lines.filter(([, count]) => count > 400)).toEqual([])
  })
})
