/** The flags `npm start` gives to Node. package.json holds them, so that the start needs no further process to read them. */

import { readFileSync } from 'node:fs'

/** @throws Error where the script `start` does not end with the server */
export function startFlags(): string[] {
  const file = new URL('../package.json', import.meta.url)
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: { start: string } }
  const flags = /\bexec node (?<flags>.*) server\/inkling\.js serve$/.exec(scripts.start)?.groups?.flags
  if (flags === undefined) throw new Error(`npm start does not start server/inkling.js: ${scripts.start}`)
  return flags.split(' ')
}
