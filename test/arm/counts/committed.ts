/** Reads and writes the committed instruction counts, and compares with them. run.sh uses it alone, the ARM run as one part. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** Writes the counts, and removes exceptions that are no longer needed. */
export function commitCounts(counts: Counts): void {
  const exceptions = remainingExceptions(counts, read().exceptions)
  const text = JSON.stringify({ exceptions, counts } satisfies Committed, null, 2)
  writeFileSync(FILE, `${text.replaceAll(COUNT, folded)}\n`)
}

// The counts of a case are on one line if they fit, as the formatter writes them.
const COUNT = /^.*\{\n\s+"ts": .*\n.*\n.*\n\s+\},?$/gm
const WIDTH = 120

function folded(count: string): string {
  const line = count.replaceAll(/\n\s+/g, ' ')
  return line.length <= WIDTH ? line : count
}

/** Prints every count, and compares it with the committed one and with the targets. */
export function judgeCounts(tally: Tally, counts: Counts): void {
  const committed = read()
  console.log('\ninstructions per multiply-add or element on 32-bit ARM:')
  console.log('TypeScript  scalar    SIMD   TypeScript / SIMD')
  for (const [title, { ts, scalar, simd }] of Object.entries(counts)) {
    const columns = [ts, scalar, simd].map((count) => String(count).padStart(8)).join('')
    console.log(`${columns}${(ts / simd).toFixed(1).padStart(8)}   ${title}`)
  }
  for (const title of new Set([...Object.keys(committed.counts), ...Object.keys(counts)])) {
    for (const backend of ['ts', 'scalar', 'simd'] as const) {
      compare(tally, `${title}, ${backend}`, counts[title]?.[backend], committed.counts[title]?.[backend])
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
