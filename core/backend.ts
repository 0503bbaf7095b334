/** Chooses who computes: WebAssembly with SIMD, without, or TypeScript; and checks the choice before it is trusted. */

import { Arena } from './arena.ts'
import { denseKernels } from './kernels/dense.ts'
import { denseBackwardKernels } from './kernels/dense-backward.ts'
import { inputKernels } from './kernels/input.ts'
import { lossKernels } from './kernels/loss.ts'
import { mathKernels } from './kernels/math.ts'
import { optimizerKernels } from './kernels/optimizer.ts'
import { sparseKernels } from './kernels/sparse.ts'
import type { Kernels } from './kernels.ts'
import { SELFTEST_MEMORY, selfTest } from './selftest.ts'

/** From fastest to most portable; each gives the same bits. */
export const BACKEND_NAMES = ['simd', 'scalar', 'ts'] as const
export type BackendName = (typeof BACKEND_NAMES)[number]

/** A set of kernels and the memory they work on. */
export interface Backend {
  readonly name: BackendName
  /** 'passed', or in words why a faster backend was passed over. */
  readonly selfTest: string
  readonly kernels: Kernels
  readonly arena: Arena
}

/** Compiled builds of assembly/, handed in by whoever owns the platform; asked for only when needed. */
export interface WasmModules {
  simd(): Promise<unknown>
  scalar(): Promise<unknown>
}

// The part of the WebAssembly API used here; the language's own library does not declare it.
interface WebAssemblyLike {
  compile(bytes: Uint8Array): Promise<unknown>
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  Instance: new (module: unknown, imports: object) => { readonly exports: unknown }
}

const PAGE = 65_536 // bytes

// looked up when needed, so that a machine on which WebAssembly aborts can do without
const webAssembly = () => (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly

/** The TypeScript kernels on a memory of at least `bytes` bytes. Never touches WebAssembly. */
export function typescriptBackend(bytes: number): Backend {
  const memory = new ArrayBuffer(Math.ceil(bytes / PAGE) * PAGE)
  const kernels: Kernels = {
    ...mathKernels(memory),
    ...inputKernels(memory),
    ...denseKernels(memory),
    ...denseBackwardKernels(memory),
    ...sparseKernels(memory),
    ...lossKernels(memory),
    ...optimizerKernels(memory),
  }
  return { name: 'ts', selfTest: 'passed', kernels, arena: new Arena(memory) }
}

/** Compiles a build of assembly/ from the bytes of its file. */
export function compileWasm(bytes: Uint8Array): Promise<unknown> {
  return webAssembly().compile(bytes)
}

/** The kernels of a compiled module on a fixed memory of at least `bytes` bytes, not yet self-tested. */
export function wasmBackend(name: 'simd' | 'scalar', module: unknown, bytes: number): Backend {
  const { Memory, Instance } = webAssembly()
  const pages = Math.ceil(bytes / PAGE)
  const memory = new Memory({ initial: pages, maximum: pages })
  const instance = new Instance(module, { env: { memory } })
  return { name, selfTest: 'passed', kernels: instance.exports as Kernels, arena: new Arena(memory.buffer) }
}

/**
 * The fastest backend that loads and passes the self-test.
 * @param modules how to get the compiled builds; never called for 'ts'
 * @param bytes size of the memory, fixed for good
 * @param choice a backend to use instead of choosing; others are then not tried, except 'ts' when it fails the self-test
 */
export async function createBackend(modules: WasmModules, bytes: number, choice?: BackendName): Promise<Backend> {
  const failures: string[] = []
  for (const name of choice ? [choice] : BACKEND_NAMES) {
    if (name === 'ts') break
    try {
      const module = await modules[name]()
      const verdict = selfTest(wasmBackend(name, module, SELFTEST_MEMORY), typescriptBackend(SELFTEST_MEMORY))
      if (verdict === 'passed') return { ...wasmBackend(name, module, bytes), selfTest: describe(failures) }
      failures.push(`${name}: ${verdict}`)
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { ...typescriptBackend(bytes), selfTest: describe(failures) }
}

function describe(failures: readonly string[]): string {
  return failures.length === 0 ? 'passed' : `passed over ${failures.join('; ')}`
}
