/** `npm run profile` on a command that does little. */

import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('npm run profile runs a command and prints where its profile is and what took longest', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/profile.ts', '--version'], { cwd: ROOT })
  const [, file] = /^(build\/profile\/\S+\.cpuprofile): \d+\.\d\d s\n +\d+\.\d % +\d+ ms {2}\S/m.exec(stdout) ?? []
  expect(file).toBeDefined()
  rmSync(join(ROOT, file))
})
