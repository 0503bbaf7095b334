/** Puts what a command measured into the README, between the markers of that command. */

import { readFileSync, writeFileSync } from 'node:fs'

const README = new URL('../README.md', import.meta.url)

/** @throws Error when the README has no such markers */
export function writeBetween(name: string, text: string): void {
  const readme = readFileSync(README, 'utf8')
  const [before, , after] = readme.split(new RegExp(`<!-- ${name}(?: end)? -->\n`))
  if (after === undefined) throw new Error(`the README has no markers <!-- ${name} --> and <!-- ${name} end -->`)
  writeFileSync(README, `${before}<!-- ${name} -->\n${text}\n<!-- ${name} end -->\n${after}`)
}
