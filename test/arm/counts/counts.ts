/** Counts the instructions that every kernel takes on emulated 32-bit ARM, in every backend and in plain JavaScript. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import type { Backend } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { workOf } from '../../../core/benchmark/multiplications.ts'
import { CASE_MEMORY, type Case, givenBytes, placeCase } from '../../../core/kernels/case.ts'
import { allCases } from '../../../core/kernels/cases.ts'
import type { BenchmarkColumn } from '../../../core/protocol.ts'
import { bundle, bundled } from '../bundle.ts'
import type { Job } from '../part.ts'
import type { Plan } from './guest.ts'
import { countMarks } from './instructions.ts'

/**
 * Instructions per multiply-add that is done, or per element where nothing is multiplied, by the case's title: zeros that the contract
 * leaves out do not count, as in the benchmark. Counts committed before plain JavaScript was counted are without it.
 */
export type Counts = Readonly<Record<string, CaseCounts>>
type CaseCounts = Readonly<Record<Exclude<BenchmarkColumn, 'plain'>, number>> & { readonly plain?: number }

/**
 * With one thread, compilation ends before a call ends. WASM is optimised at once: for the dense kernels the counts are within 4 %
 * of those after both compilers.
 */
const FLAGS = ['--single-threaded', '--no-liftoff']

/** Intervals measured per case. The least is used: garbage collection and late compilation only add. */
const STRETCHES = 3

/** Small cases are called several times per interval, so that the instructions of the marks are negligible. */
const WORK_IN_STRETCH = 2e5 // multiply-adds or elements
const calls = ({ work }: Case) => Math.max(1, Math.floor(WORK_IN_STRETCH / work))

/** Counts of the benchmark's cases: a job for each column, and the results when all are done. */
export interface Counting {
  readonly jobs: readonly Job[]
  /** Undefined where a job failed. */
  counts(): Counts | undefined
}

/** Processor time of the jobs, s. */
const USUAL = { plain: 120, ts: 150, scalar: 50, simd: 40 }

/** `root` is the repository, with the WASM built. */
export async function prepareCounting(root: string): Promise<Counting> {
  const out = join(root, 'build/arm/counts')
  const cases = allCases()
    .filter(({ benchmark }) => benchmark)
    .map(made)
  await bundle(root, out, { guest: join(import.meta.dirname, 'guest.ts') })
  const plan = join(out, 'plan')
  writeFileSync(plan, serialize({ cases, calls: cases.map(calls), stretches: STRETCHES } satisfies Plan))
  const done = cases.map(doneBy(typescriptBackend(CASE_MEMORY)))
  const counted = new Map<BenchmarkColumn, number[]>()
  return {
    jobs: (['ts', 'plain', 'scalar', 'simd'] as const).map((name) => ({
      name: `counts, ${name}`,
      usual: USUAL[name],
      async work() {
        counted.set(name, await countColumn([bundled(out, 'guest'), name, join(root, 'build'), plan], cases, done))
      },
    })),
    counts() {
      const [ts, scalar, simd, plain] = (['ts', 'scalar', 'simd', 'plain'] as const).map((name) => counted.get(name))
      if (!ts || !scalar || !simd || !plain) return undefined
      return Object.fromEntries(
        cases.map(({ title }, i) => [title, { ts: ts[i], scalar: scalar[i], simd: simd[i], plain: plain[i] }]),
      )
    },
  }
}

// With all contents made, so that it can be written down.
function made(tested: Case): Case {
  const args = tested.args.map((arg) =>
    typeof arg !== 'number' && arg.type === 'given' ? { ...arg, bytes: givenBytes(arg) } : arg,
  )
  return { ...tested, args }
}

// What a call really does; as the benchmark counts it.
function doneBy(backend: Backend): (tested: Case) => number {
  return (tested) => {
    const mark = backend.arena.mark()
    const work = workOf(tested, backend.arena, placeCase(backend, tested).arguments)
    backend.arena.release(mark)
    return work
  }
}

async function countColumn(
  args: readonly string[],
  cases: readonly Case[],
  done: readonly number[],
): Promise<number[]> {
  const marks = await countMarks([...FLAGS, ...args])
  const group = STRETCHES + 1
  if (marks.length !== (cases.length + 1) * group) throw new Error(`${marks.length} marks are not those of every case`)
  // instructions before the first mark of a group are not used
  const least = (g: number) => Math.min(...marks.slice(g * group + 1, (g + 1) * group))
  const nothing = least(0)
  return cases.map((tested, i) => {
    return Number(((least(i + 1) - nothing) / calls(tested) / done[i]).toPrecision(4))
  })
}
