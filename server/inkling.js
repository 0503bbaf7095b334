#!/usr/bin/env node
// The command `inkling`: says what is missing where Node is too old, else starts server/cli.ts, in a bundle the JavaScript
// made of it. A file that Node 10 can still parse: import() only, and nothing younger than it.

const found = process.versions.node
const [major, minor] = found.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(
    `inkling: needs Node 22.13 or newer, this is Node ${found}; pkg install nodejs-lts brings one in Termux, npm ci in a clone`,
  )
  process.exit(1)
}

import('./launch.js')
  .then(({ prepare, isClone }) => prepare() && (isClone() ? import('./cli.ts') : import('../build/server/cli.js')))
  .catch(({ message, code }) => {
    const [problem] = message.split(' imported from')
    const missing = code === 'ERR_MODULE_NOT_FOUND'
    console.error(
      `inkling: ${problem}${missing ? '; npm ci brings it in a clone, unpacking the bundle again in a bundle' : ''}`,
    )
    process.exit(1)
  })
