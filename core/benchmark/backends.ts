/** The backends that a benchmark compares: all that run on this machine. */

import type { BackendFactory, BackendName, KernelModules } from '../backend/backend.ts'
import { createBackendFactory } from '../backend/choose.ts'

/**
 * Every backend that loads and passes the self-test, the fastest first, and TypeScript.
 * @param choice the only one to measure beside TypeScript; 'ts' never touches WebAssembly
 * @returns `selfTest`: 'passed', or why a backend is missing
 */
export async function measurableBackends(
  modules: KernelModules,
  choice?: BackendName,
): Promise<{ backends: BackendFactory[]; selfTest: string }> {
  const backends: BackendFactory[] = []
  const problems: string[] = []
  for (const name of ['simd', 'scalar'] as const) {
    if (choice && choice !== name) continue
    const factory = await createBackendFactory(modules, name)
    if (factory.name === name) backends.push(factory)
    else problems.push(factory.selfTest)
  }
  backends.push({ name: 'ts', selfTest: 'passed', create: await modules.typescript() })
  return { backends, selfTest: problems.length === 0 ? 'passed' : problems.join('; ') }
}
