/** Runs once before all tests: builds what is stale, in a process of its own, so that tests never meet an old build. */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BUILD = fileURLToPath(new URL('../build.ts', import.meta.url))

/** Called by vitest. */
export function setup(): void {
  execFileSync(process.execPath, [BUILD], { stdio: 'inherit' })
}
