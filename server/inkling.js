#!/usr/bin/env node
// The command `inkling`. Plain JavaScript in words any Node understands, so that an old one can say what is missing.

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `inkling: needs Node 24 or newer, this is Node ${process.versions.node}; npm start and npx inkling use the one that npm ci installed.`,
  )
  process.exit(1)
}
import('./cli.ts')
