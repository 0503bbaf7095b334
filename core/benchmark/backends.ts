/** What a benchmark compares: all backends that run on this machine, and plain JavaScript. */

import type { BackendName, KernelModules } from '../backend/backend.ts'
import { createBackendFactory } from '../backend/choose.ts'
import { plainBackend } from './plain/backend.ts'
import type { BenchmarkFactory } from './task.ts'

/**
 * Every backend that loads and passes the self-test, the fastest first, TypeScript, and plain JavaScript.
 * @param choice the only one to measure beside the last two; 'ts' never touches WebAssembly
 * @returns `selfTest`: 'passed', or why a backend is missing
 */
export async function measurableBackends(
  modules: KernelModules,
  choice?: BackendName,
): Promise<{ backends: BenchmarkFactory[]; selfTest: string }> {
  const backends: BenchmarkFactory[] = []
  const problems: string[] = []
  for (const name of ['simd', 'scalar'] as const) {
    if (choice && choice !== name) continue
    const factory = await createBackendFactory(modules, name)
    if (factory.name === name) backends.push(factory)
    else problems.push(factory.selfTest)
  }
  backends.push({ name: 'ts', selfTest: 'passed', create: await modules.typescript() })
  backends.push({ name: 'plain', selfTest: 'passed', create: plainBackend })
  return { backends, selfTest: problems.length === 0 ? 'passed' : problems.join('; ') }
}
