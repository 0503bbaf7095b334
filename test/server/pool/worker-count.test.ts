import { expect, it } from 'vitest'
import { MEBIBYTE } from '../../../core/recognizer.ts'
import { workerCount } from '../../../server/pool/worker-count.ts'

it.each([
  [1, 2048, 0],
  [2, 2048, 1],
  [4, 2048, 3],
  [8, 2048, 3],
  [4, 1023, 0],
  [2, 1024, 1],
])('%d cores and %d MiB of memory have %d workers unless it is said', (cores, memory, workers) => {
  expect(workerCount('auto', { arch: 'x64', cores, memory: memory * MEBIBYTE })).toBe(workers)
  expect(workerCount(2, { arch: 'x64', cores, memory: memory * MEBIBYTE })).toBe(2)
})

it('32-bit ARM has none unless it is said', () => {
  const machine = { arch: 'arm', cores: 4, memory: 3072 * MEBIBYTE }
  expect([workerCount('auto', machine), workerCount(3, machine)]).toEqual([0, 3])
})
