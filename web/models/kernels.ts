/** The compiled kernels: fetched and compiled when the backend asks for them. */

import scalarUrl from '../../build/scalar.wasm?url'
import simdUrl from '../../build/simd.wasm?url'
import type { WasmModules } from '../../core/backend/backend.ts'
import { fetchBytes } from '../api/models.ts'
import { withRetries } from '../api/retry.ts'

/** The two builds. Each rejects where this browser can't compile it, and waits where the phone is away. */
export function kernelModules(): WasmModules {
  async function compile(url: string): Promise<WebAssembly.Module> {
    // Absent in hardened browsers (iOS Lockdown Mode): no need to fetch, the TypeScript kernels take over.
    if (typeof WebAssembly === 'undefined') throw new Error('this browser has no WebAssembly')
    return WebAssembly.compile(await withRetries(() => fetchBytes(url)))
  }
  return { simd: () => compile(simdUrl), scalar: () => compile(scalarUrl) }
}
