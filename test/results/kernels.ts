/** The table of the kernels: TypeScript against WebAssembly without and with SIMD, on shapes that occur in the models. */

import { CASE_MEMORY, placeCase } from '../../core/kernels/case.ts'
import { allCases } from '../../core/kernels/cases.ts'
import { allBackends } from '../core/backends.ts'
import { threeDigits, time } from './time.ts'

export function kernelTable(): string[] {
  const backends = allBackends(CASE_MEMORY)
  const rows = allCases().filter(({ benchmark }) => benchmark)
  return [
    '| kernel, shape, input | TypeScript, µs | scalar, µs | SIMD, µs | TypeScript / SIMD |',
    '|---|--:|--:|--:|--:|',
    ...rows.map((tested) => {
      const [typescript, scalar, simd] = backends.map((backend) => {
        const mark = backend.arena.mark()
        const { call } = placeCase(backend, tested)
        const us = time(call)
        backend.arena.release(mark)
        return us
      })
      const times = [typescript, scalar, simd].map(threeDigits).join(' | ')
      return `| ${tested.title} | ${times} | ${(typescript / simd).toFixed(1)} |`
    }),
  ]
}
