/**
 * Plain JavaScript as the benchmark's opponent: the fastest that we can write where nothing has to be rounded to f32 in a fixed order,
 * so its results differ in the last digits. Kernels that are not listed in these files are the twins, which round nothing there.
 */

import type { Backend } from '../../backend/backend.ts'
import { typescriptBackend } from '../../backend/typescript.ts'
import { plainConv } from './conv.ts'
import { plainDense } from './dense.ts'
import { plainElements } from './elements.ts'
import { plainPeak } from './peak.ts'

/** The plain kernels with an arena of at least `bytes` bytes. Its name as a backend is 'ts': nothing but a benchmark uses it. */
export function plainBackend(bytes: number): Backend {
  const twins = typescriptBackend(bytes)
  const memory = twins.arena.buffer
  return {
    ...twins,
    kernels: {
      ...twins.kernels,
      ...plainDense(memory),
      ...plainConv(memory),
      ...plainElements(memory),
      ...plainPeak(memory),
    },
  }
}
