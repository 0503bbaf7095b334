/** What was seen of the bundle on one machine, and how it is counted. */

import type { Machine } from '../machines.ts'
import { count, type Tally } from '../tally.ts'
import { judgeLimits, type Limit } from './limits.ts'

export interface Observed {
  /** By name, what must be the same text on every machine: answers, versions, digests. */
  readonly facts: Map<string, string>
  /** What must hold on each machine by itself. */
  readonly checks: { readonly what: string; readonly got: string; readonly expected: string }[]
  /** Measured, by limit. The last figure of a limit counts. */
  readonly figures: Map<Limit, number>
}

export function newObserved(): Observed {
  return { facts: new Map(), checks: [], figures: new Map() }
}

/** Keeps a fact. Throws where the name is taken, for one of the two would not be compared. */
export function observe({ facts }: Observed, name: string, value: unknown): void {
  if (facts.has(name)) throw new Error(`${name} was observed twice`)
  facts.set(name, typeof value === 'string' ? value : JSON.stringify(value))
}

export function check({ checks }: Observed, what: string, got: unknown, expected: unknown): void {
  checks.push({ what, got: String(got), expected: String(expected) })
}

/** Counts the checks and figures of every machine, and compares its facts with those of the first machine, the reference. */
export function countObserved(tally: Tally, all: ReadonlyMap<Machine, Observed>): void {
  const [reference] = all.values()
  for (const [{ name }, observed] of all) {
    for (const { what, got, expected } of observed.checks) count(tally, `${name}: ${what}`, got, expected)
    if (observed !== reference) {
      for (const fact of new Set([...reference.facts.keys(), ...observed.facts.keys()])) {
        count(tally, `${name}: ${fact}`, observed.facts.get(fact), reference.facts.get(fact))
      }
    }
    judgeLimits(tally, name, observed.figures)
  }
}
