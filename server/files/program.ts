/** The version of this program, as package.json tells it. In this folder, from where the file is as far as from the bundle of a phone. */

import { readFileSync } from 'node:fs'

export function programVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
