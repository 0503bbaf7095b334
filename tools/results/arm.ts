/** The table of exact instruction counts on 32-bit ARM, from the committed figures with which the ARM run compares every build. */

import { readFileSync } from 'node:fs'
import type { Counts } from '../../test/arm/counts/counts.ts'
import { head, line } from '../generated-tables.ts'

const COUNTS = new URL('../../test/arm/counts/counts.json', import.meta.url)

/** The kernels that take most of the time, in the order of a network. */
const SHOWN = /^(sparseIndex|dense|conv|maxPoolForward|softmax 1|adam|distances|forestVotes)/

/** The committed counts. */
export function armCounts(): Counts {
  return (JSON.parse(readFileSync(COUNTS, 'utf8')) as { counts: Counts }).counts
}

export function armTable(): string[] {
  const counts = armCounts()
  return [
    ...head(
      'instructions on 32-bit ARM, for each multiply-add or value',
      'plain',
      'twin',
      'scalar',
      'SIMD',
      'plain / SIMD',
    ),
    ...Object.entries(counts)
      .filter(([title]) => SHOWN.test(title))
      .map(([title, { plain, ts, scalar, simd }]) => {
        const cells = [plain, ts, scalar, simd].map((count) => (count === undefined ? '–' : count.toPrecision(3)))
        return line(title, ...cells, plain === undefined ? '–' : (plain / simd).toFixed(1))
      }),
  ]
}
