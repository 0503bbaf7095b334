#!/usr/bin/env node
// The command `inkling`. Plain JavaScript in words any Node understands, so that an old one can say what is missing.

import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(
    `inkling: needs Node 22.13 or newer, this is Node ${process.versions.node}; npm start and npx inkling use the one that npm ci installed.`,
  )
  process.exit(1)
}
// From the second start on compiled code comes from here: half the time. Not the shared temporary folder, which is Node's
// own default: what lies there may be anybody's.
module.enableCompileCache(fileURLToPath(new URL('../.cache/node', import.meta.url)))
// A clone has the sources; a bundle has what was made of them.
if (existsSync(new URL('./cli.ts', import.meta.url))) import('./cli.ts')
else import('../build/server/cli.js')
