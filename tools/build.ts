/**
 * `npm run build`: compiles the kernels and bundles the page, only what is stale.
 *
 * usage: node tools/build.ts [--force] [OUTPUT...]    OUTPUT is one below build/: simd.wasm, scalar.wasm, web,
 * server, licences.md, web-dev or peers
 */

import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { isFresh, runStep, type Step } from './build/step.ts'
import { DEVELOPMENT_PAGE, PACKAGE_STEPS, PEERS, STEPS } from './build/steps.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function select(outputs: readonly string[]): readonly Step[] {
  const all = [...PACKAGE_STEPS, DEVELOPMENT_PAGE, PEERS]
  const unknown = outputs.find((output) => !all.some((step) => step.output === output))
  if (unknown !== undefined) {
    throw new Error(`unknown output ${unknown}; there are ${all.map((step) => step.output).join(', ')}`)
  }
  return outputs.length === 0 ? STEPS : all.filter((step) => outputs.includes(step.output))
}

try {
  const { values, positionals } = parseArgs({ options: { force: { type: 'boolean' } }, allowPositionals: true })
  for (const step of select(positionals)) if (values.force || !isFresh(ROOT, step)) await runStep(ROOT, step)
} catch (error) {
  const { message } = error as Error
  // the bundler's message is coloured whatever the terminal is
  console.error(`build: ${process.stderr.isTTY ? message : stripVTControlCharacters(message)}`)
  process.exitCode = 1
}
