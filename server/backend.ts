/** The kernels on Node: reads the two builds of assembly/ and chooses a backend. */

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  BACKEND_NAMES,
  type Backend,
  type BackendFactory,
  type BackendName,
  type KernelModules,
} from '../core/backend/backend.ts'
import { createBackendFactory } from '../core/backend/choose.ts'
import { compileWasm } from '../core/backend/wasm.ts'
import { quoted } from '../core/errors.ts'
import { BUILD } from './files/program.ts'
import { sha256 } from './files/sha256.ts'
import { bareValue } from './files/variables.ts'

/** Compiles simd.wasm or scalar.wasm of `folder`, or loads the TypeScript kernels, when a backend needs them. */
export function nodeKernels(folder: string = BUILD): KernelModules {
  const compile = async (file: string) => compileWasm(await readFile(join(folder, file)))
  return {
    simd: () => compile('simd.wasm'),
    scalar: () => compile('scalar.wasm'),
    typescript: async () => (await import('../core/backend/typescript.ts')).typescriptBackend,
  }
}

/**
 * The backend that INKLING_BACKEND names, or undefined where it names none.
 * @throws RangeError when there is none of that name
 */
export function backendChoice(choice = bareValue(process.env.INKLING_BACKEND ?? '')): BackendName | undefined {
  if (choice === '') return undefined
  const name = BACKEND_NAMES.find((one) => one === choice)
  if (!name) throw new RangeError(`INKLING_BACKEND must be one of ${BACKEND_NAMES.join(', ')}; it is ${quoted(choice)}`)
  return name
}

/**
 * The kind of backend that INKLING_BACKEND names, or the fastest that passes the self-test.
 * @throws RangeError when the variable names none
 */
export function nodeBackends(choice?: string): Promise<BackendFactory> {
  return createBackendFactory(nodeKernels(), backendChoice(choice))
}

/** One backend of that kind, with a memory of `bytes` bytes. */
export async function nodeBackend(bytes: number, choice?: string): Promise<Backend> {
  return (await nodeBackends(choice)).create(bytes)
}

/** SHA-256 of both builds, one after the other: programs with the same kernels have the same digest. */
export function kernelsDigest(): string {
  const builds = ['simd.wasm', 'scalar.wasm'].map((file) => {
    try {
      return readFileSync(join(BUILD, file))
    } catch {
      return Buffer.alloc(0) // not built: TypeScript computes instead
    }
  })
  return sha256(Buffer.concat(builds))
}
