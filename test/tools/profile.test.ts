/** `npm run profile` on a command that does little. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runProcess } from '../child-processes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('npm run profile runs a command and prints where its profile is and what took longest', async () => {
  const { stdout } = await runProcess(process.execPath, ['tools/profile.ts', '--version'], { cwd: ROOT })
  const [, file] =
    /^(build\/profile\/\S+\.cpuprofile): \d+\.\d\d s\n +\d+\.\d % +\d+ ms {2}\S/m.exec(String(stdout)) ?? []
  expect(file).toBeDefined()
  rmSync(join(ROOT, file))
})
