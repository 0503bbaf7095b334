/** Targets for the instructions of dense kernels on 32-bit ARM, and the listed exceptions that miss them. */

import type { Tally } from '../tally.ts'
import type { Counts } from './counts.ts'

/** By target and title: the figure of a case that misses the target. */
export type Exceptions = Readonly<Record<string, Readonly<Record<string, number>>>>

interface Target {
  readonly name: string
  applies(N: number, O: number): boolean // to a dense kernel on N rows with O outputs
  value(count: Counts[string]): number
  readonly atMost: number
}

const TARGETS: readonly Target[] = [
  {
    name: 'dense, SIMD: at most 2 instructions per multiply-add from 4 rows and 16 outputs',
    applies: (N, O) => N >= 4 && O >= 16,
    value: ({ simd }) => simd,
    atMost: 2,
  },
  {
    name: 'dense: SIMD takes at most a tenth of the instructions of TypeScript',
    applies: () => true,
    value: ({ simd, ts }) => Number((simd / ts).toPrecision(4)),
    atMost: 0.1,
  },
]

/** Share by which an exception may exceed its listed figure: that of two counts, see committed.ts. */
const TOLERANCE = 0.02

const DENSE = /^dense(?:Forward|BackwardInput|BackwardWeight) (?<N>\d+)x\d+x(?<O>\d+) /

/** Checks each target for each dense kernel. Reaching a target despite a listed exception is printed, and not a failure. */
export function judgeTargets(tally: Tally, counts: Counts, exceptions: Exceptions): void {
  for (const { name, atMost, title, value } of measured(counts)) {
    const exception = exceptions[name]?.[title]
    if (value <= atMost) {
      tally.passed++
      if (exception !== undefined) console.log(`${title}: no exception any more with ${value}: ${name}`)
    } else if (exception === undefined) {
      tally.failures.push(`${title}: ${value} (${name})`)
    } else if (value > exception * (1 + TOLERANCE)) {
      tally.failures.push(`${title}: ${value}, listed as an exception with ${exception} (${name})`)
    } else {
      tally.passed++
      console.log(`EXCEPTION ${title}: ${value} (${name})`)
    }
  }
}

/** The listed exceptions that still miss their targets, with their present figures; never new ones. */
export function remainingExceptions(counts: Counts, exceptions: Exceptions): Exceptions {
  const remaining: Record<string, Record<string, number>> = {}
  for (const { name, atMost, title, value } of measured(counts)) {
    if (value <= atMost || exceptions[name]?.[title] === undefined) continue
    remaining[name] = { ...remaining[name], [title]: value }
  }
  return remaining
}

function measured(counts: Counts) {
  return Object.entries(counts).flatMap(([title, count]) => {
    const { N, O } = DENSE.exec(title)?.groups ?? {}
    return TARGETS.filter(({ applies }) => N !== undefined && applies(Number(N), Number(O))).map(
      ({ name, atMost, value }) => ({ name, atMost, title, value: value(count) }),
    )
  })
}
