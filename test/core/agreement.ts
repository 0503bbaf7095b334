/** Runs the case table through several backends and lists where they differ; vitest and the ARM run share it. */

import type { Backend } from '../../core/backend/backend.ts'
import { type Case, disagreement, placeCase } from '../../core/kernels/case.ts'
import { allCases } from '../../core/kernels/cases.ts'

/**
 * Every case against the first backend; `failures` are sentences, `passed` counts the comparisons that agreed.
 * @param backends with nothing in their arenas
 * @param see called with the results of each case in the first backend
 */
export function agree(
  [reference, ...others]: readonly Backend[],
  see: (tested: Case, outputs: readonly Int32Array[]) => void = () => {},
): { passed: number; failures: string[] } {
  const failures: string[] = []
  let passed = 0
  for (const tested of allCases()) {
    const { arena } = reference
    const from = arena.mark()
    const placed = placeCase(reference, tested)
    // making operands takes longer than computing with them: all other backends get copies, at the same offsets
    const memory = arena.u8(from, arena.mark() - from)
    const laidOut = memory.slice()
    placed.call()
    const expected = placed.outputs()
    see(tested, expected)
    for (const backend of others) {
      const theirs = backend.arena.u8(from, memory.length)
      theirs.set(laidOut)
      const kernel = backend.kernels[tested.kernel] as (...values: number[]) => void
      kernel(...placed.arguments)
      memory.set(theirs) // what reads outputs reads them here
      if (placed.outputs().every((bits, k) => areEqual(bits, expected[k]))) passed++
      else
        failures.push(disagreement(backend, reference, tested, expected) ?? `${tested.title}: differs by what it found`)
    }
    arena.release(from)
  }
  return { passed, failures }
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
