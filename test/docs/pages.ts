/** The written pages of the project, for the tests that hold them to the code. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of the project, with a slash at its end. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url))

const docs = readdirSync(`${PROJECT_ROOT}docs`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .sort()

/** Paths from the root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...docs.map((name) => `docs/${name}`),
]

export function pageText(page: string): string {
  return readFileSync(`${PROJECT_ROOT}${page}`, 'utf8')
}

/** A page without its indented and fenced code. */
export function prose(page: string): string {
  return pageText(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/^ {4}.*$/gm, '')
}

/** What stands in backticks, and in indented code, line by line. */
export function code(page: string): string[] {
  const text = pageText(page)
  const blocks = [...text.matchAll(/^ {4}(.*)$/gm)].map(([, line]) => line)
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.split('\n'))
  return [...blocks, ...fenced, ...[...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, words]) => words)]
}

/** The fenced blocks of a language on a page, in order. */
export function fenced(page: string, language: string): string[] {
  return [...pageText(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , block]) => block)
}
