/** The licences of what the bundle holds: this program's, those of the libraries in it, and the sources of the data its models saw. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outputs } from './step.ts'

/** A package as vite lists it. */
interface Library {
  readonly name: string
  readonly version: string
  readonly identifier: string | null // SPDX
  readonly text: string | null
}

/**
 * One Markdown file.
 * @throws Error where a library comes without a licence
 */
export function writeLicences(root: string): Outputs {
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const inServer = JSON.parse(read('build/server/licences.json')) as Library[]
  const inPage = JSON.parse(read('build/web/licences.json')) as Library[]
  const libraries = new Map(
    [...inServer, ...inPage, bundler(root)].map((library) => [`${library.name} ${library.version}`, library]),
  )
  const parts = [
    '# Licences\n',
    'Inkling itself:\n',
    indent(read('LICENSE')),
    '## Libraries\n',
    'Server, command line and page contain code of these.\n',
    ...[...libraries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, library]) => section(title, library)),
    '## Data\n',
    'The weights were learned from these data sets and measured on them. None of their images is here.\n',
    ...dataSources(join(root, 'weights')).map((source) => `- ${source}`),
  ]
  return new Map([['licences.md', `${parts.join('\n')}\n`]])
}

// A few functions of its own are in what the bundler writes.
function bundler(root: string): Library {
  const folder = join(root, 'node_modules/rolldown')
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { name, version, identifier: license, text: readFileSync(join(folder, 'LICENSE'), 'utf8') }
}

function section(title: string, { identifier, text }: Library): string {
  if (!identifier || !text) throw new Error(`${title} comes without a licence: it cannot be in the bundle`)
  const licence = identifier.replace(/^\((.*)\)$/, '$1') // several are in brackets already
  return `### ${title} (${licence})\n\n${indent(text)}`
}

function indent(text: string): string {
  return `${text.trim().replaceAll(/^(?=.)/gm, '    ')}\n`
}

/** What the cards, and the generator's own, say of the data they name, each once, sorted. */
function dataSources(weights: string): string[] {
  const cards = readdirSync(weights, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(card|replay)\.json$/.test(name),
  )
  const sources = cards.flatMap((name) => sourcesIn(JSON.parse(readFileSync(join(weights, name), 'utf8'))))
  return [...new Set(sources)].sort()
}

function sourcesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'source' && typeof inner === 'string' ? [inner] : sourcesIn(inner),
  )
}
