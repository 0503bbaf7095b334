/** The kernels on Node: reads the two builds of assembly/ and picks a backend. */

import { readFile } from 'node:fs/promises'
import {
  BACKEND_NAMES,
  type Backend,
  type BackendFactory,
  type BackendName,
  compileWasm,
  createBackendFactory,
  type WasmModules,
} from '../core/backend.ts'

const BUILD = new URL('../build/', import.meta.url)

/** Compiles build/simd.wasm or build/scalar.wasm when asked, from `folder` where that is not the repository's own. */
export function wasmModules(folder: URL = BUILD): WasmModules {
  const compile = async (file: string) => compileWasm(await readFile(new URL(file, folder)))
  return { simd: () => compile('simd.wasm'), scalar: () => compile('scalar.wasm') }
}

/**
 * The kind of backend that INKLING_BACKEND names, or the fastest that passes the self-test.
 * @throws RangeError when the variable names none
 */
export function nodeBackends(choice = process.env.INKLING_BACKEND): Promise<BackendFactory> {
  if (choice !== undefined && choice !== '' && !BACKEND_NAMES.includes(choice as BackendName)) {
    throw new RangeError(`INKLING_BACKEND must be one of ${BACKEND_NAMES.join(', ')}`)
  }
  return createBackendFactory(wasmModules(), choice ? (choice as BackendName) : undefined)
}

/** One backend of that kind, with a memory of `bytes` bytes. */
export async function nodeBackend(bytes: number, choice?: string): Promise<Backend> {
  return (await nodeBackends(choice)).create(bytes)
}
