/** Reads and writes the committed instruction counts, and compares with them. run.sh uses it alone, the ARM run as one part. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTED } from '../../../core/benchmark/columns.ts'
import type { Tally } from '../tally.ts'
import type { Counts } from './counts.ts'
import { type Exceptions, judgeTargets, remainingExceptions } from './targets.ts'

/**
 * Share by which a count may exceed the committed one. Counts differ by less than 0.1 % from run to run, most not at all, but
 * another release of Node may compile a little differently.
 */
const TOLERANCE = 0.01

const FILE = join(import.meta.dirname, 'counts.json')
const UPDATE = 'sh test/arm/counts/run.sh --update writes it'

interface Committed {
  readonly counts: Counts
  readonly exceptions: Exceptions
}

function read(): Committed {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Committed
}

/** Writes the counts, and the exceptions that they need and that have a reason. */
export function commitCounts(counts: Counts): void {
  const exceptions = remainingExceptions(counts, read().exceptions)
  const text = JSON.stringify({ exceptions, counts } satisfies Committed, null, 2)
  writeFileSync(FILE, `${text.replaceAll(COUNT, folded)}\n`)
}

// The counts of a case are on one line if they fit, as the formatter writes them.
const COUNT = /^.*\{\n\s+"ts": .*(?:\n\s+"\w+": .*)+\n\s+\},?$/gm
const WIDTH = 120

function folded(count: string): string {
  const line = count.replaceAll(/\n\s+/g, ' ')
  return line.length <= WIDTH ? line : count
}

/** Prints every count, and compares it with the committed one and with the targets. */
export function judgeCounts(tally: Tally, counts: Counts): void {
  const committed = read()
  console.log('\ninstructions per multiply-add or element on 32-bit ARM:')
  console.log(COUNTED)
  console.log('   plain    twin  scalar    SIMD   plain / SIMD')
  for (const [title, { plain, ts, scalar, simd }] of Object.entries(counts)) {
    const columns = [plain ?? '-', ts, scalar, simd].map((count) => String(count).padStart(8)).join('')
    console.log(`${columns}${(plain ? (plain / simd).toFixed(1) : '-').padStart(8)}   ${title}`)
  }
  const opposed = Object.values(committed.counts).some(({ plain }) => plain !== undefined)
  if (!opposed) console.log(`of plain JavaScript no counts are committed, so it is compared with nothing; ${UPDATE}`)
  const columns = opposed ? (['ts', 'scalar', 'simd', 'plain'] as const) : (['ts', 'scalar', 'simd'] as const)
  for (const title of new Set([...Object.keys(committed.counts), ...Object.keys(counts)])) {
    for (const column of columns) {
      compare(tally, `${title}, ${column}`, counts[title]?.[column], committed.counts[title]?.[column])
    }
  }
  judgeTargets(tally, counts, committed.exceptions)
}

function compare(tally: Tally, what: string, got: number | undefined, expected: number | undefined): void {
  if (got === undefined) tally.failures.push(`${what}: committed, but not a case of the benchmark; ${UPDATE}`)
  else if (expected === undefined) tally.failures.push(`${what}: ${got} instructions, none committed; ${UPDATE}`)
  else if (got > expected * (1 + TOLERANCE)) {
    const more = ((got / expected - 1) * 100).toFixed(1)
    tally.failures.push(`${what}: ${got} instructions, ${more} % more than the ${expected} committed`)
  } else {
    tally.passed++
    if (got < expected * (1 - TOLERANCE)) console.log(`${what}: ${got} instructions, ${expected} committed; ${UPDATE}`)
  }
}
