/** The report of the guest program, and how the run counts it: every comparison is one passed or one failed. */

import type { BackendName } from '../../../core/backend/backend.ts'
import { count, type Tally } from '../tally.ts'
import type { LearningResult } from './learning.ts'

export interface Report {
  readonly node: string
  readonly arch: string
  readonly backends: readonly BackendName[]
  /** Kernel cases compared bit by bit between this machine's backends. */
  readonly agreement: { readonly passed: number; readonly failures: readonly string[] }
  /** What must be the same on every machine, by name: SHA-256 in hex, or the code of a refusal. */
  readonly digests: Readonly<Record<string, string>>
  /** Rounds of learning; the results of each are the same on every machine and backend. */
  readonly learning: readonly ({ readonly title: string; readonly backend: BackendName } & LearningResult)[]
  /** Training runs; the results of each are the same on every machine and backend. Empty without data. */
  readonly training: readonly ({ readonly title: string; readonly backend: BackendName } & TrainingResult)[]
  /** Wall-clock time of each part, s. */
  readonly seconds: Readonly<Record<string, number>>
}

export interface TrainingResult {
  readonly steps: number
  readonly accuracy: number // 0..1, on the validation images
  readonly weights: string // SHA-256 of the parameter buffer, hex
  readonly moments: string // SHA-256 of the momentum buffer, hex
}

/** Counts a machine's kernel cases. With two backends or more, having no cases is a failure. */
export function countAgreement(tally: Tally, machine: string, { agreement, backends }: Report): void {
  tally.passed += agreement.passed
  for (const failure of agreement.failures) tally.failures.push(`${machine}: ${failure}`)
  if (backends.length > 1 && agreement.passed + agreement.failures.length === 0) {
    tally.failures.push(`${machine}: no kernel case ran`)
  }
}

/** Compares every digest of a machine with the reference's; a name that only one of them has is a failure. */
export function countDigests(tally: Tally, machine: string, got: Report, expected: Report): void {
  for (const name of new Set([...Object.keys(expected.digests), ...Object.keys(got.digests)])) {
    count(tally, `${machine}: ${name}`, got.digests[name], expected.digests[name])
  }
}

/** Steps a training run must have taken, and the accuracy its weights must have reached, for its digest to count. */
const MIN_STEPS = 200
const MIN_ACCURACY = 0.75 // 0..1

/** Compares each training run of a machine with the TypeScript one of the reference machine, which is not counted itself. */
export function countTraining(tally: Tally, machine: string, got: Report, expected: Report): void {
  for (const run of got.training) {
    const what = `${machine}: ${run.title} by ${run.backend}`
    const reference = expected.training.find(({ title, backend }) => title === run.title && backend === 'ts')
    if (run.steps < MIN_STEPS) {
      tally.failures.push(`${what}: ${run.steps} steps, expected ${MIN_STEPS} or more`)
    } else if (run.accuracy < MIN_ACCURACY) {
      tally.failures.push(`${what}: accuracy ${run.accuracy}, expected ${MIN_ACCURACY} or more`)
    } else if (run !== reference) {
      count(tally, `${what}, weights`, run.weights, reference?.weights)
      count(tally, `${what}, moments`, run.moments, reference?.moments)
    }
  }
  const runs = new Set(expected.training.map((run) => run.title)).size * got.backends.length
  if (got.training.length !== runs) {
    tally.failures.push(`${machine}: ${got.training.length} training runs, expected ${runs}`)
  }
}

/**
 * Compares each round of a machine with the first of that title on the reference machine, which is not counted itself. Every machine
 * must have rounds of all titles, and most rounds must be promoted.
 */
export function countLearning(tally: Tally, machine: string, got: Report, expected: Report): void {
  for (const round of got.learning) {
    const what = `${machine}: learning of ${round.title} by ${round.backend}`
    const reference = expected.learning.find(({ title }) => title === round.title)
    if (round.state === '') tally.failures.push(`${what}: it took no steps`)
    else if (round !== reference) {
      for (const part of ['pool', 'corrections', 'state', 'gate', 'weights'] as const) {
        count(tally, `${what}, ${part}`, round[part], reference?.[part])
      }
    }
  }
  const titles = ({ learning }: Report) => [...new Set(learning.map(({ title }) => title))].join()
  count(tally, `${machine}: models that learned`, titles(got), titles(expected))
  const promoted = got.learning.filter(({ verdict }) => verdict === 'promoted').length
  if (promoted * 2 <= got.learning.length) {
    tally.failures.push(`${machine}: ${promoted} of ${got.learning.length} rounds came to a candidate, expected most`)
  }
}
