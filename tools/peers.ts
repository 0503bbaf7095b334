/**
 * `npm run peers -- FOLDER`: compares Inkling with other libraries on the same weights and tasks in one run, and writes the table in
 * docs/results.md. FOLDER is an installed copy of the benchmark of libraries; native libraries need its Python. It takes about half
 * an hour, on a machine that does nothing else. `--table` makes the table from the records in FOLDER.
 */

import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { processorName } from '../server/benchmark/environment.ts'
import { isFresh, runStep } from './build/step.ts'
import { PEERS, STEPS } from './build/steps.ts'
import { readFigures, writeFigures } from './generated-tables.ts'
import { type PeersFigures, writePeers } from './peers/page.ts'
import { peerFigures } from './peers/table.ts'

const WASM = ['ort-web-wasm', 'tfjs-wasm', 'jax-js-wasm']
const NATIVE = ['ort-node']
const INKLING = ['inkling']
const STARTS = 9 // processes that measure the first answers of a library
const FIRST_ANSWER = 'bench/first-answer.mjs'

const { values, positionals } = parseArgs({ options: { table: { type: 'boolean' } }, allowPositionals: true })
const [folder] = positionals
if (!folder || !existsSync(join(folder, 'run-all.sh'))) throw new Error('usage: npm run peers -- FOLDER [--table]')

const root = fileURLToPath(new URL('..', import.meta.url))
const here = join(root, 'tools/peers')
const mnist = process.env.MNIST_DIR ?? join(folder, 'out/mnist')

/** Makes Inkling one of the benchmark's implementations, as built JavaScript like the others. */
async function register(): Promise<void> {
  for (const step of [...STEPS, PEERS]) if (!isFresh(root, step)) await runStep(root, step)
  const path = join(folder, 'lib/registry.mjs')
  const built = join(root, 'build/peers/inkling.js')
  writeFileSync(join(folder, 'impls/inkling.mjs'), `export * from ${JSON.stringify(built)}\n`)
  copyFileSync(join(here, 'first-answer.mjs'), join(folder, FIRST_ANSWER))
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
  // the native libraries gather their batches in their own way; this is Inkling's, and counts instead of the harness's
  const training = execFileSync('taskset', ['-c', '0', process.execPath, join(here, 'training.ts'), mnist])
  writeFileSync(join(folder, 'results/CP.inkling.jsonl'), training)
  const classic = execFileSync('taskset', ['-c', '0', process.execPath, join(here, 'classic.ts'), mnist])
  appendFileSync(join(folder, 'results/DP.inkling.jsonl'), classic)
  writeFileSync(join(folder, 'results/start.jsonl'), [...INKLING, ...WASM, ...NATIVE].map(firstAnswer).join(''))
}

/** The median over processes of the time from import to the first answers, as a record. */
function firstAnswer(peer: string): string {
  const times = Array.from({ length: STARTS }, () =>
    Number(
      execFileSync('taskset', ['-c', '0', process.execPath, join(folder, FIRST_ANSWER), peer], {
        env: { ...process.env, MNIST_DIR: mnist },
        encoding: 'utf8',
      })
        .trim()
        .split('\n')
        .at(-1),
    ),
  )
  const value = times.sort((a, b) => a - b)[STARTS >> 1]
  return `${JSON.stringify({ section: 'start', peer, work: 'lr+cnn', metric: 'first_answer', value, unit: 'ms' })}\n`
}

if (!values.table) {
  await register()
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
  note: 'all in one run; epochs gather shuffled batches, Inkling from bytes, the others from f32',
  works: peerFigures(records, {
    wasm: WASM,
    native: [...NATIVE, 'torch-1t', 'torch-jit-1t', 'numpy-1t', 'sklearn-1t'],
  }),
} satisfies PeersFigures)
writePeers(readFigures('peers'))
