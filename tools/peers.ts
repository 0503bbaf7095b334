/**
 * `npm run peers -- FOLDER`: compares Inkling with other libraries on the same weights and tasks in one run, and writes the table in
 * docs/results.md. FOLDER is an installed copy of the benchmark of libraries; native libraries need its Python. It takes about half
 * an hour, on a machine that does nothing else. `--table` makes the table from the records in FOLDER.
 */

import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { processorName } from '../server/benchmark/environment.ts'
import { readFigures, writeFigures } from './generated-tables.ts'
import { type PeersFigures, writePeers } from './peers/page.ts'
import { peerFigures } from './peers/table.ts'

const WASM = ['ort-web-wasm', 'tfjs-wasm', 'jax-js-wasm']
const NATIVE = ['ort-node']
const INKLING = ['inkling']

const { values, positionals } = parseArgs({ options: { table: { type: 'boolean' } }, allowPositionals: true })
const [folder] = positionals
if (!folder || !existsSync(join(folder, 'run-all.sh'))) throw new Error('usage: npm run peers -- FOLDER [--table]')

const here = fileURLToPath(new URL('./peers', import.meta.url))
const mnist = process.env.MNIST_DIR ?? join(folder, 'out/mnist')

/** Makes Inkling one of the benchmark's implementations. */
function register(): void {
  const path = join(folder, 'lib/registry.mjs')
  writeFileSync(join(folder, 'impls/inkling.mjs'), `export * from ${JSON.stringify(join(here, 'inkling.ts'))}\n`)
  const registry = readFileSync(path, 'utf8').replace(/^ {2}lazy\('inkling.*\n/gm, '')
  const row = "  lazy('inkling', '../impls/inkling.mjs', 'simd', { threads: 1, infer: ALL, train: ALL }),\n"
  writeFileSync(
    path,
    registry.replace('export const REGISTRY = [\n', (start) => start + row),
  )
}

function measure(): void {
  const run = (sections: string[], only: string[]) =>
    execFileSync('bash', ['run-all.sh', ...sections], {
      cwd: folder,
      env: { ...process.env, MNIST_DIR: mnist, ...(only.length > 0 && { ONLY: only.join(' ') }) },
      stdio: 'inherit',
    })
  run(['V', 'A', 'C'], [...INKLING, ...WASM, ...NATIVE])
  run(['AP', 'CP', 'DP'], [])
  const classic = execFileSync('taskset', ['-c', '0', process.execPath, join(here, 'classic.ts'), mnist])
  appendFileSync(join(folder, 'results/DP.inkling.jsonl'), classic)
}

if (!values.table) {
  register()
  measure()
}
const results = join(folder, 'results')
const records = readdirSync(results)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(results, name), 'utf8').split('\n').filter(Boolean))
  .map((line) => JSON.parse(line))
writeFigures('peers', {
  at: new Date().toISOString().slice(0, 10),
  machine: processorName() ?? process.arch,
  node: process.versions.node,
  note: 'all in one run',
  works: peerFigures(records, {
    wasm: WASM,
    native: [...NATIVE, 'torch-1t', 'torch-jit-1t', 'numpy-1t', 'sklearn-1t'],
  }),
} satisfies PeersFigures)
writePeers(readFigures('peers'))
