/** The table of exact instruction counts on 32-bit ARM, from the committed figures with which the ARM run compares every build. */

import { readFileSync } from 'node:fs'
import type { BackendName } from '../../core/backend/backend.ts'
import { head, line } from '../generated-tables.ts'

const COUNTS = new URL('../../test/arm/counts/counts.json', import.meta.url)

/** The kernels that take most of the time, in the order of a network. */
const SHOWN = /^(sparseIndex|dense|conv|maxPoolForward|softmax 1|adam|distances|forestVotes)/

export function armTable(): string[] {
  const { counts }: { counts: Record<string, Record<BackendName, number>> } = JSON.parse(readFileSync(COUNTS, 'utf8'))
  return [
    ...head('instructions on 32-bit ARM, for each multiply-add or value', 'twin', 'scalar', 'SIMD', 'twin / SIMD'),
    ...Object.entries(counts)
      .filter(([title]) => SHOWN.test(title))
      .map(([title, { ts, scalar, simd }]) => {
        const cells = [ts, scalar, simd].map((count) => count.toPrecision(3))
        return line(title, ...cells, (ts / simd).toFixed(1))
      }),
  ]
}
