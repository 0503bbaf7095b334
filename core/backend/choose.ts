/** Chooses the backend: WebAssembly with SIMD, WebAssembly without, or TypeScript. WebAssembly must pass the self-test. */

import { messageOf } from '../errors.ts'
import { BACKEND_NAMES, type Backend, type BackendFactory, type BackendName, type KernelModules } from './backend.ts'
import { SELFTEST_MEMORY, selfTest } from './self-test.ts'
import { wasmBackend } from './wasm.ts'

/**
 * The fastest kind of backend that loads and passes the self-test; compiled and tested once, for any number of backends.
 * @param modules loads the kernels; for 'ts' no compiled ones
 * @param choice the only backend to try; 'ts' replaces it when it does not load or fails the self-test
 */
export async function createBackendFactory(modules: KernelModules, choice?: BackendName): Promise<BackendFactory> {
  const failures: string[] = []
  for (const name of choice ? [choice] : BACKEND_NAMES) {
    if (name === 'ts') break
    try {
      const module = await modules[name]()
      const verdict = await selfTest(wasmBackend(name, module, SELFTEST_MEMORY), modules.typescript)
      if (verdict === 'passed') {
        return factory(name, failures, (bytes) => wasmBackend(name, module, bytes), module)
      }
      failures.push(`${name}: ${verdict}`)
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`)
    }
  }
  return factory('ts', failures, await modules.typescript())
}

/** One backend of the kind that `createBackendFactory` chooses, with an arena of at least `bytes` bytes. */
export async function createBackend(modules: KernelModules, bytes: number, choice?: BackendName): Promise<Backend> {
  return (await createBackendFactory(modules, choice)).create(bytes)
}

function factory(
  name: BackendName,
  failures: readonly string[],
  make: (bytes: number) => Backend,
  module?: unknown,
): BackendFactory {
  const selfTest = describe(failures)
  return { name, selfTest, module, create: (bytes) => ({ ...make(bytes), selfTest }) }
}

function describe(failures: readonly string[]): string {
  return failures.length === 0 ? 'passed' : `passed over ${failures.join('; ')}`
}
