/** The WebAssembly kernels, fetched and compiled when the backend needs them. */

import scalarUrl from '../../build/scalar.wasm?url'
import simdUrl from '../../build/simd.wasm?url'
import type { KernelModules } from '../../core/backend/backend.ts'
import { typescriptBackend } from '../../core/backend/typescript.ts'
import { fetchBytes } from '../api/models.ts'
import { withRetries } from '../api/retry.ts'

/** The two builds. Each one rejects where this browser can't compile it, and waits while the phone is away. */
export function kernelModules(): KernelModules {
  async function compile(url: string): Promise<WebAssembly.Module> {
    // Hardened browsers (iOS Lockdown Mode) have no WebAssembly: the TypeScript kernels compute, and nothing is fetched.
    if (typeof WebAssembly === 'undefined') throw new Error('this browser has no WebAssembly')
    return WebAssembly.compile(await withRetries(() => fetchBytes(url)))
  }
  return {
    simd: once(() => compile(simdUrl)),
    scalar: once(() => compile(scalarUrl)),
    typescript: async () => typescriptBackend,
  }
}

/** The same promise each time: the worker that learns gets the modules that the page has compiled. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
