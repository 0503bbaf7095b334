/**
 * The ARM run: the same program on this machine and on emulated 32-bit ARM, compared bit by bit, and the instructions that
 * kernels take there, compared with those committed. Prints what ran, what could not and why, then `N passed, N failed`;
 * exits 1 if anything failed or nothing ran. run.sh sets it up.
 *
 * usage: run.ts SYSROOT     environment: INKLING_DATA, for the part on real MNIST;
 * INKLING_ARM_MODEL, the network that learns in the servers, softmax unless set
 */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { allFactories } from '../core/backends.ts'
import { dataDir } from '../data-sets.ts'
import { bundle, bundled } from './bundle.ts'
import { judgeCounts } from './counts/committed.ts'
import { prepareCounting } from './counts/counts.ts'
import { firstMistake, writeLearners } from './guest/learning.ts'
import {
  countAgreement,
  countDigests,
  countLearning,
  countServer,
  countTraining,
  type Report,
  type Tally,
} from './guest/report.ts'
import { emulated, host, type Machine, type Outcome, run } from './machines.ts'
import { bundleServer, type ServerReport, tryServer } from './server.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'build/arm')
const fixtures = join(import.meta.dirname, 'fixtures')
const [weights, learners] = [join(root, 'weights'), join(out, 'learners')]
const [sysroot] = process.argv.slice(2)

/** The model that learns from a correction: any other would take an emulator minutes. */
const LEARNS = process.env.INKLING_ARM_MODEL || 'softmax'

const fastest = allFactories()[2]
const here = host()
const arms: readonly Machine[] = [
  emulated('32-bit ARM with NEON (Cortex-A15)', sysroot, 'cortex-a15', ['ts', 'scalar', 'simd']),
  // Without NEON there is no WASM SIMD. Node 24 then needs --no-maglev: V8's middle compiler aborts ("unreachable code")
  // on the integer remainder and others, in plain JavaScript as well.
  emulated('32-bit ARM without NEON (Cortex-A9)', sysroot, 'cortex-a9,neon=off', ['ts', 'scalar'], ['--no-maglev']),
]

/** This machine, which is the reference, then the others, the slowest first. */
const machines: readonly Machine[] = [here, ...arms]

const tally: Tally = { passed: 0, failures: [] }

async function guest(machine: Machine): Promise<Outcome> {
  const { backends, name } = machine
  const args = [backends.join(','), join(root, 'build'), fixtures, weights, learners, ...(dataDir ? [dataDir] : [])]
  const outcome = await run(machine, bundled(join(out, 'guest'), 'guest'), args)
  const { report, seconds } = outcome
  console.log(`\n${name}: ${backends.join(', ')} (${seconds.toFixed(1)} s)`)
  if (report) describe(report)
  return outcome
}

function describe({ agreement, digests, learning, training, seconds }: Report): void {
  console.log(
    `  parts: ${Object.entries(seconds)
      .map(([part, s]) => `${part} ${s.toFixed(1)} s`)
      .join(', ')}`,
  )
  console.log(`  kernel cases: ${agreement.passed} agreed, ${agreement.failures.length} differed`)
  console.log(`  digests: ${Object.keys(digests).length}`)
  for (const { title, backend, verdict, right, weights } of learning) {
    const taught = `${verdict}, right ${right.before} -> ${right.after}, candidate ${weights}`
    console.log(`  learning of ${title}, ${backend}: ${taught}`)
  }
  for (const { title, backend, steps, accuracy, weights } of training) {
    const learned = `${steps} steps, accuracy ${(accuracy * 100).toFixed(1)} %`
    console.log(`  ${title}, ${backend}: ${learned}, weights ${weights}`)
  }
}

function count(machine: string, report: Report, reference: Report): void {
  countAgreement(tally, machine, report)
  if (report !== reference) countDigests(tally, machine, report, reference)
  countLearning(tally, machine, report, reference)
  countTraining(tally, machine, report, reference)
}

/** The comparison: a job for each machine, in order, to be started when a processor is free, and the results of all. */
interface Comparison {
  readonly jobs: readonly (() => Promise<void>)[]
  compare(): void
}

async function compareGuests(): Promise<Comparison> {
  await bundle(root, join(out, 'guest'), { guest: join(import.meta.dirname, 'guest/guest.ts') })
  writeLearners(learners, weights, fastest)
  const outcomes = new Map<Machine, Outcome>()
  return {
    jobs: machines.map((machine) => async () => void outcomes.set(machine, await guest(machine))),
    compare() {
      const reference = outcomes.get(here)?.report
      for (const [{ name }, { report, failure }] of outcomes) {
        if (!report) tally.failures.push(`${name}: ${failure}`)
        else if (reference) count(name, report, reference)
      }
    },
  }
}

async function compareServers(): Promise<Comparison> {
  const program = await bundleServer(root, join(out, 'app'))
  const mistake = firstMistake(fastest, weights, LEARNS)
  const reports = new Map<Machine, ServerReport>()
  return {
    jobs: machines.map((machine) => async () => {
      try {
        const report = await tryServer(machine, program, { pictures: fixtures, model: LEARNS, mistake })
        reports.set(machine, report)
        console.log(`\n${machine.name}: ${describeServer(report)}`)
      } catch (error) {
        tally.failures.push(`${machine.name}: ${error instanceof Error ? error.message : error}`)
      }
    }),
    compare() {
      const reference = reports.get(here)
      if (!reference) return
      const { answers, learned } = reference
      for (const [{ name, backends }, report] of reports) {
        countServer(tally, name, report, { answers, learned, backend: backends.at(-1) })
      }
    },
  }
}

async function compareCounts(): Promise<Comparison> {
  const { jobs, counts } = await prepareCounting(root)
  const failures: string[] = []
  return {
    jobs: jobs.map((job) => async () => {
      await job().catch((error: unknown) => failures.push(error instanceof Error ? error.message : String(error)))
    }),
    compare() {
      if (failures.length === 0) judgeCounts(tally, counts())
      tally.failures.push(...failures)
    },
  }
}

/** Runs jobs in order, as many at a time as there are processors, since each keeps about one busy. */
async function runAll(jobs: Comparison['jobs']): Promise<void> {
  const waiting = [...jobs]
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

function describeServer({ system, startSeconds, answers, learned, memory, most }: ServerReport): string {
  const used =
    memory && most
      ? `${mebibytes(memory.guest)} MiB resident, ${mebibytes(most.guest)} while it learned, the emulator's own not counted`
      : `${mebibytes(system.memory.rss)} MiB resident`
  const answered = `${Object.keys(answers).length} answers`
  const taught = `${LEARNS} learned in ${learned.seconds.toFixed(1)} s: version ${learned.version}, ${learned.sha256}`
  return `server with ${system.backend} ready after ${startSeconds.toFixed(2)} s, ${answered}, ${used}\n  ${taught}`
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}

if (dataDir === undefined) {
  console.log('INKLING_DATA names no folder: no training on MNIST and no PngSuite in this run.')
  if (process.env.INKLING_DATA || process.env.CI) tally.failures.push('INKLING_DATA names no folder')
}
const comparisons = [await compareGuests(), await compareServers(), await compareCounts()]
await runAll([...comparisons.map(({ jobs }) => jobs[0]), ...comparisons.flatMap(({ jobs }) => jobs.slice(1))])
for (const { compare } of comparisons) compare()
for (const failure of tally.failures) console.log(`FAILED ${failure}`)
console.log(`\n${tally.passed} passed, ${tally.failures.length} failed`)
process.exitCode = tally.failures.length === 0 && tally.passed > 0 ? 0 : 1
