/**
 * Generated tables and their figures. The figures are in docs/figures, rounded as they are shown; the tables are in the pages,
 * between the markers of their name.
 */

import { readFileSync, writeFileSync } from 'node:fs'

const ROOT = new URL('../', import.meta.url)

/**
 * The page with the text between the markers of `name` replaced.
 * @throws Error when the page has no such markers
 */
export function replaceMarked(page: string, name: string, text: string): string {
  const [before, , after] = page.split(new RegExp(`<!-- ${name}(?: end)? -->\n`))
  if (after === undefined) throw new Error(`the page has no markers <!-- ${name} --> and <!-- ${name} end -->`)
  return `${before}<!-- ${name} -->\n${text}\n<!-- ${name} end -->\n${after}`
}

/** @param page path from the root, as docs/results.md */
export function writeMarked(page: string, name: string, text: string): void {
  const file = new URL(page, ROOT)
  writeFileSync(file, replaceMarked(readFileSync(file, 'utf8'), name, text))
}

/** The figures that a command measured last, as `writeFigures` wrote them. */
export function readFigures<Figures>(name: string): Figures {
  return JSON.parse(readFileSync(figuresFile(name), 'utf8')) as Figures
}

export function writeFigures(name: string, figures: object): void {
  writeFileSync(figuresFile(name), formatFigures(figures))
}

/** JSON with each innermost object on a line, so that a diff shows which row has changed. */
export function formatFigures(figures: object): string {
  const text = JSON.stringify(figures, null, 2)
  return `${text.replaceAll(/\{[^{}[\]]*\}/g, (row) => row.replaceAll(/\s*\n\s*/g, ' '))}\n`
}

function figuresFile(name: string): URL {
  return new URL(`docs/figures/${name}.json`, ROOT)
}

/** A line of a Markdown table. */
export function line(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}

/** The head of a table whose first column is text and whose others are numbers. */
export function head(...columns: readonly string[]): string[] {
  return [line(...columns), `|---|${'--:|'.repeat(columns.length - 1)}`]
}
