// The end of `npm ci`: where npm has no Node for this machine, says which one is used or needed. CommonJS that any Node runs.

const path = require('node:path')

/** The first Node that runs TypeScript as it is; Debian's does not, whatever its version. */
const NEEDED = '22.18'

const installed = path.join(__dirname, '../../node_modules', path.sep)
if (!process.execPath.startsWith(installed)) {
  const found = `the Node ${process.versions.node} that is there (${process.execPath})`
  const none = `npm has none for ${process.platform} ${process.arch}`
  console.log(
    process.features.typescript
      ? `inkling: uses ${found}: ${none}`
      : `inkling: a clone needs Node ${NEEDED} or newer that runs TypeScript, and ${found} does not; ${none}. The bundle runs on Node 22.13`,
  )
}
