/** The kernels on Node: reads the two builds of assembly/ and picks a backend. */

import { readFile } from 'node:fs/promises'
import {
  BACKEND_NAMES,
  type Backend,
  type BackendName,
  compileWasm,
  createBackend,
  type WasmModules,
} from '../core/backend.ts'

const BUILD = new URL('../build/', import.meta.url)

/** Compiles build/simd.wasm or build/scalar.wasm when asked, from `folder` where that is not the repository's own. */
export function wasmModules(folder: URL = BUILD): WasmModules {
  const compile = async (file: string) => compileWasm(await readFile(new URL(file, folder)))
  return { simd: () => compile('simd.wasm'), scalar: () => compile('scalar.wasm') }
}

/**
 * The backend that INKLING_BACKEND names, or the fastest that passes the self-test, with a memory of `bytes` bytes.
 * @throws RangeError when the variable names none
 */
export function nodeBackend(bytes: number, choice = process.env.INKLING_BACKEND): Promise<Backend> {
  if (choice !== undefined && choice !== '' && !BACKEND_NAMES.includes(choice as BackendName)) {
    throw new RangeError(`INKLING_BACKEND must be one of ${BACKEND_NAMES.join(', ')}`)
  }
  return createBackend(wasmModules(), bytes, choice ? (choice as BackendName) : undefined)
}
