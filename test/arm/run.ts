/**
 * The ARM run: everything that must be the same on this machine and on emulated 32-bit ARM, compared bit by bit, and what it takes
 * there, compared with limits. Prints what ran, what could not and why, then `N passed, N failed`; exits 1 if anything failed
 * or nothing ran. run.sh sets it up; README.md explains it.
 *
 * usage: run.ts SYSROOT [PART...]     all parts unless some are named; environment: INKLING_DATA, for what needs real MNIST
 */

import { join } from 'node:path'
import { allFactories } from '../core/backends.ts'
import { dataDir } from '../data-sets.ts'
import { compareCounts } from './counts/part.ts'
import { comparePrograms } from './guest/part.ts'
import { emulated, host } from './machines.ts'
import { type Part, runJobs } from './part.ts'
import { commands, shortLives, wholeLives } from './server/part.ts'
import { bundleArchives } from './server/unpacked.ts'
import type { Tally } from './tally.ts'

const [sysroot, ...chosen] = process.argv.slice(2)
const root = join(import.meta.dirname, '../..')
const pictures = join(import.meta.dirname, 'fixtures')
const fastest = allFactories()[2]

const here = host()
const neon = emulated('32-bit ARM with NEON (Cortex-A15)', sysroot, 'cortex-a15', ['ts', 'scalar', 'simd'])
// Without NEON there is no WASM SIMD. Node 24 then needs --no-maglev: V8's middle compiler aborts ("unreachable code")
// on the integer remainder and others, in plain JavaScript as well.
const small = ['32-bit ARM without NEON (Cortex-A9)', sysroot, 'cortex-a9,neon=off', ['ts', 'scalar']] as const
const withoutNeon = emulated(...small, ['--no-maglev'])
const withoutFlag = emulated(...small)

const bundle = { archives: bundleArchives(root), weights: join(root, 'weights'), pictures, backends: fastest }
const PARTS: Readonly<Record<string, () => Part | Promise<Part>>> = {
  programs: () => comparePrograms([here, neon, withoutNeon], { root, pictures, data: dataDir }, fastest),
  counts: () => compareCounts(root),
  server: () => wholeLives([here, neon], bundle),
  commands: () => commands([here, neon, withoutFlag], bundle),
  'short-server': () => shortLives([here, withoutNeon], bundle),
}

const tally: Tally = { passed: 0, failures: [] }
const unknown = chosen.find((name) => !Object.hasOwn(PARTS, name))
if (unknown !== undefined) {
  console.error(`test:arm: there is no part ${unknown}; the parts are ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}
if (dataDir === undefined) {
  console.log('INKLING_DATA names no folder: no training on MNIST and no PngSuite in this run.')
  if (process.env.INKLING_DATA || process.env.CI) tally.failures.push('INKLING_DATA names no folder')
}
const parts: Part[] = []
for (const name of chosen.length > 0 ? chosen : Object.keys(PARTS)) parts.push(await PARTS[name]())
const seconds = await runJobs(
  tally,
  parts.flatMap(({ jobs }) => jobs),
)
for (const { compare } of parts) compare(tally)

console.log('\nseconds by the clock:')
for (const [name, s] of seconds) console.log(`${s.toFixed(0).padStart(6)}  ${name}`)
for (const failure of tally.failures) console.log(`FAILED ${failure}`)
console.log(`\n${tally.passed} passed, ${tally.failures.length} failed`)
process.exitCode = tally.failures.length === 0 && tally.passed > 0 ? 0 : 1
