/**
 * `npm run bundle`: builds what is stale and writes build/inkling-<version>.tgz, which runs wherever there is Node, and
 * build/inkling-models-<version>.tgz, the models that the first leaves out, which unpacks beside it.
 *
 * usage: node tools/bundle.ts
 */

import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packFiles } from './build/archive.ts'
import { otherModelFiles, packageFiles } from './build/package-files.ts'
import { isFresh, runStep } from './build/step.ts'
import { PACKAGE_STEPS } from './build/steps.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const INSTALLER = 'install.sh'

for (const step of PACKAGE_STEPS) if (!isFresh(ROOT, step)) await runStep(ROOT, step)

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
const files = packageFiles(ROOT)
for (const [name, contents] of [
  [`inkling-${version}.tgz`, files],
  [`inkling-models-${version}.tgz`, otherModelFiles(ROOT, files)],
] as const) {
  const archive = await packFiles(ROOT, contents, `inkling-${version}`)
  writeFileSync(join(ROOT, 'build', name), archive)
  console.log(`build/${name}: ${contents.length} files, ${(archive.length / 1e6).toFixed(2)} MB`)
}
if (existsSync(join(ROOT, INSTALLER))) copyFileSync(join(ROOT, INSTALLER), join(ROOT, 'build', INSTALLER))
