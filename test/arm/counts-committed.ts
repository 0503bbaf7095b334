/** The committed instruction counts: reads, writes and compares with them. counts.sh runs this by itself, run.ts as its part. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Counts } from './counts.ts'
import { type Exceptions, judgeTargets, remainingExceptions } from './counts-targets.ts'
import type { Tally } from './report.ts'

/**
 * How far a count may be above the committed one. From run to run counts differ by less than 0.1 %, most by nothing, but
 * another release of Node may compile a little differently.
 */
const TOLERANCE = 0.01

const FILE = join(import.meta.dirname, 'counts.json')
const UPDATE = 'sh test/arm/counts.sh --update writes it'

interface Committed {
  readonly counts: Counts
  readonly exceptions: Exceptions
}

function read(): Committed {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Committed
}

/** Writes the counts, and strikes the exceptions that are none any more. */
export function commitCounts(counts: Counts): void {
  const rows = (object: object, indent: string) =>
    Object.entries(object).map(([key, value]) => `${indent}${JSON.stringify(key)}: ${spaced(value)}`)
  const exceptions = remainingExceptions(counts, read().exceptions)
  const targets = Object.entries(exceptions).map(([name, titles]) => {
    return `    ${JSON.stringify(name)}: {\n${rows(titles, '      ').join(',\n')}\n    }`
  })
  const listed = targets.length ? `{\n${targets.join(',\n')}\n  }` : '{}'
  writeFileSync(FILE, `{\n  "exceptions": ${listed},\n  "counts": {\n${rows(counts, '    ').join(',\n')}\n  }\n}\n`)
}

// one line, as the formatter has it
function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${JSON.stringify(part)}`)
    .join(', ')} }`
}

/** Prints every count and tallies it, by what is committed and by the targets. */
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
