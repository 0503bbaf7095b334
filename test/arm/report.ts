/** What a guest program tells the run, and how the run counts it: one passed or failed for every comparison. */

import type { BackendName } from '../../core/backend.ts'

export interface Report {
  readonly node: string
  readonly arch: string
  readonly backends: readonly BackendName[]
  /** Kernel cases compared bit by bit between this machine's backends. */
  readonly agreement: { readonly passed: number; readonly failures: readonly string[] }
  /** What must be the same on every machine, by name: SHA-256 in hex, or the code of a refusal. */
  readonly digests: Readonly<Record<string, string>>
  /** SHA-256 of the weights after training, by backend; all the same, on every machine. Empty without data. */
  readonly training: Readonly<Partial<Record<BackendName, string>>>
  /** Wall-clock time of each part, s. */
  readonly seconds: Readonly<Record<string, number>>
}

export interface Tally {
  passed: number
  readonly failures: string[]
}

/** Counts a machine's kernel cases; with two backends or more, none at all is a failure. */
export function countAgreement(tally: Tally, machine: string, { agreement, backends }: Report): void {
  tally.passed += agreement.passed
  for (const failure of agreement.failures) tally.failures.push(`${machine}: ${failure}`)
  if (backends.length > 1 && agreement.passed + agreement.failures.length === 0) {
    tally.failures.push(`${machine}: no kernel case ran`)
  }
}

/** Counts every digest of a machine against the reference's; a name that only one of them has is a failure. */
export function countDigests(tally: Tally, machine: string, got: Report, expected: Report): void {
  for (const name of new Set([...Object.keys(expected.digests), ...Object.keys(got.digests)])) {
    count(tally, `${machine}: ${name}`, got.digests[name], expected.digests[name])
  }
}

/** Counts the weights each backend of a machine arrived at against those of TypeScript on the reference machine. */
export function countTraining(tally: Tally, machine: string, got: Report, expected: Report): void {
  if (expected.training.ts === undefined) return
  for (const backend of got.backends) {
    count(tally, `${machine}: weights trained by ${backend}`, got.training[backend], expected.training.ts)
  }
}

function count(tally: Tally, what: string, got: string | undefined, expected: string | undefined): void {
  if (got !== undefined && got === expected) tally.passed++
  else tally.failures.push(`${what}: got ${got ?? 'nothing'}, expected ${expected ?? 'nothing'}`)
}
