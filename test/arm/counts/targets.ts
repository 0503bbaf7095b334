/** Targets for the instructions of dense kernels on 32-bit ARM, and the listed exceptions that miss them, with their reasons. */

import type { Tally } from '../tally.ts'
import type { Counts } from './counts.ts'

/** By target and title: the figure of a case that misses the target. */
export type Exceptions = Readonly<Record<string, Readonly<Record<string, number>>>>

interface Shape {
  readonly kernel: string
  readonly N: number // rows
  readonly O: number // outputs
}

interface Target {
  readonly name: string
  applies(shape: Shape): boolean
  /** Undefined where a column was not counted. */
  value(count: Counts[string]): number | undefined
  readonly atMost: number
  /** Why a case may miss it; undefined where there is no reason. */
  reason(shape: Shape): string | undefined
}

const ZEROS =
  'plain JavaScript leaves out the zeros, four of five inputs, which this kernel multiplies; models use its sparse form'
const ORDER =
  'by the contract a sum runs over the outputs from left to right, so lanes lie on inputs, whose weights are a row apart: each vector is put together from four loads'
const LOADS =
  'one row uses each weight once, so loads set the pace in both languages: a vector loads four weights where JavaScript loads one'

/** Why one row does not need a tenth of the instructions of plain JavaScript, by the kernel. */
const REASONS: Readonly<Record<string, string>> = {
  denseForward: ZEROS,
  denseForwardSparse: LOADS,
  denseBackwardInput: ORDER,
  denseBackwardInputSparse: ORDER,
  denseBackwardWeight: ZEROS,
  denseBackwardWeightSparse: LOADS,
}

const TARGETS: readonly Target[] = [
  {
    name: 'dense, SIMD: at most 1.6 instructions per multiply-add from 8 rows and 16 outputs',
    applies: ({ kernel, N, O }) => !kernel.endsWith('Sparse') && N >= 8 && O >= 16,
    value: ({ simd }) => simd,
    atMost: 1.6,
    reason: () => undefined,
  },
  {
    name: 'dense, one row: SIMD takes at most a tenth of the instructions of plain JavaScript',
    applies: ({ N }) => N === 1,
    value: ({ simd, plain }) => plain && Number((simd / plain).toPrecision(4)),
    atMost: 0.1,
    reason: ({ kernel }) => REASONS[kernel],
  },
]

/** Share by which an exception may exceed its listed figure: that of two counts, see committed.ts. */
const TOLERANCE = 0.02

const DENSE = /^(?<kernel>dense(?:Forward|BackwardInput|BackwardWeight)(?:Sparse)?) (?<N>\d+)x\d+x(?<O>\d+) /

/**
 * Checks each target for each dense kernel. An exception is printed with its reason. Reaching a target despite a listed exception is
 * printed, too, and not a failure.
 */
export function judgeTargets(tally: Tally, counts: Counts, exceptions: Exceptions): void {
  for (const { name, atMost, reason, title, value } of measured(counts)) {
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
      console.log(`EXCEPTION ${title}: ${value} (${name}): ${reason}`)
    }
  }
}

/**
 * The exceptions that these counts need, with their figures: those listed so far, and of targets that have reasons every case that
 * has one.
 */
export function remainingExceptions(counts: Counts, exceptions: Exceptions): Exceptions {
  const remaining: Record<string, Record<string, number>> = {}
  for (const { name, atMost, reason, title, value } of measured(counts)) {
    if (value <= atMost || (exceptions[name]?.[title] === undefined && reason === undefined)) continue
    remaining[name] = { ...remaining[name], [title]: value }
  }
  return remaining
}

function measured(counts: Counts) {
  return Object.entries(counts).flatMap(([title, count]) => {
    const { kernel, N, O } = DENSE.exec(title)?.groups ?? {}
    const shape: Shape = { kernel, N: Number(N), O: Number(O) }
    return TARGETS.flatMap(({ name, atMost, applies, value, reason }) => {
      const figure = kernel !== undefined && applies(shape) ? value(count) : undefined
      return figure === undefined ? [] : [{ name, atMost, reason: reason(shape), title, value: figure }]
    })
  })
}
