/** Chooses who computes: WebAssembly with SIMD, without, or TypeScript; and checks the choice before it is trusted. */

import { activationKernels } from '../kernels/activation.ts'
import { convKernels } from '../kernels/conv.ts'
import { convBackwardKernels } from '../kernels/conv-backward.ts'
import { denseKernels } from '../kernels/dense.ts'
import { denseBackwardKernels } from '../kernels/dense-backward.ts'
import { directionKernels } from '../kernels/direction.ts'
import { distanceKernels } from '../kernels/distance.ts'
import { dropoutKernels } from '../kernels/dropout.ts'
import { forestKernels } from '../kernels/forest.ts'
import { inputKernels } from '../kernels/input.ts'
import { lossKernels } from '../kernels/loss.ts'
import { mathKernels } from '../kernels/math.ts'
import { normalizationKernels } from '../kernels/normalization.ts'
import { optimizerKernels } from '../kernels/optimizer.ts'
import { peakKernels } from '../kernels/peak.ts'
import { poolKernels } from '../kernels/pool.ts'
import { sparseKernels } from '../kernels/sparse.ts'
import { sparseBackwardKernels } from '../kernels/sparse-backward.ts'
import { vectorKernels } from '../kernels/vector.ts'
import type { Kernels } from '../kernels.ts'
import { Arena } from './arena.ts'
import { SELFTEST_MEMORY, selfTest } from './self-test.ts'

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

/** Makes backends of one kind: whoever loads a model gives it a memory of its own, of just the size it needs. */
export interface BackendFactory {
  readonly name: BackendName
  /** As in Backend. */
  readonly selfTest: string
  /**
   * A backend on a fresh memory with an arena of at least `bytes` bytes.
   * @throws RangeError when the machine has no such memory left
   */
  create(bytes: number): Backend
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

/**
 * Bytes below the arena, in which the builds of assembly/ keep constants, tables and scratch of their own; the same in every
 * backend, so that offsets are. The limit stands in asconfig.json too, where the compiler enforces it.
 */
export const RESERVED = 16_384

// looked up when needed, so that a machine on which WebAssembly aborts can do without
const webAssembly = () => (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly

/** The TypeScript kernels on a memory with an arena of at least `bytes` bytes. Never touches WebAssembly. */
export function typescriptBackend(bytes: number): Backend {
  const memory = new ArrayBuffer(backendMemory(bytes))
  const kernels: Kernels = {
    ...mathKernels(memory),
    ...inputKernels(memory),
    ...denseKernels(memory),
    ...denseBackwardKernels(memory),
    ...sparseKernels(memory),
    ...sparseBackwardKernels(memory),
    ...lossKernels(memory),
    ...optimizerKernels(memory),
    ...convKernels(memory),
    ...convBackwardKernels(memory),
    ...poolKernels(memory),
    ...activationKernels(memory),
    ...dropoutKernels(memory),
    ...normalizationKernels(memory),
    ...vectorKernels(memory),
    ...directionKernels(memory),
    ...distanceKernels(memory),
    ...forestKernels(memory),
    ...peakKernels(memory),
  }
  return { name: 'ts', selfTest: 'passed', kernels, arena: new Arena(memory, RESERVED) }
}

/** Compiles a build of assembly/ from the bytes of its file. */
export function compileWasm(bytes: Uint8Array): Promise<unknown> {
  return webAssembly().compile(bytes)
}

/** The kernels of a compiled module on a fixed memory with an arena of at least `bytes` bytes, not yet self-tested. */
export function wasmBackend(name: 'simd' | 'scalar', module: unknown, bytes: number): Backend {
  const { Memory, Instance } = webAssembly()
  const pages = backendMemory(bytes) / PAGE
  const memory = new Memory({ initial: pages, maximum: pages })
  const instance = new Instance(module, { env: { memory } })
  return { name, selfTest: 'passed', kernels: instance.exports as Kernels, arena: new Arena(memory.buffer, RESERVED) }
}

/** Bytes of memory a backend has whose `bytes` were asked for: with what is reserved, in whole pages. */
export function backendMemory(bytes: number): number {
  return Math.ceil((RESERVED + bytes) / PAGE) * PAGE
}

/**
 * The fastest kind of backend that loads and passes the self-test: compiled and tested once, for any number of memories.
 * @param modules how to get the compiled builds; never called for 'ts'
 * @param choice a backend to use instead of choosing; others are then not tried, except 'ts' when it fails the self-test
 */
export async function createBackendFactory(modules: WasmModules, choice?: BackendName): Promise<BackendFactory> {
  const failures: string[] = []
  for (const name of choice ? [choice] : BACKEND_NAMES) {
    if (name === 'ts') break
    try {
      const module = await modules[name]()
      const verdict = selfTest(wasmBackend(name, module, SELFTEST_MEMORY), typescriptBackend(SELFTEST_MEMORY))
      if (verdict === 'passed') return factory(name, failures, (bytes) => wasmBackend(name, module, bytes))
      failures.push(`${name}: ${verdict}`)
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return factory('ts', failures, typescriptBackend)
}

/** One backend of the kind that `createBackendFactory` chooses, on a memory with an arena of at least `bytes` bytes. */
export async function createBackend(modules: WasmModules, bytes: number, choice?: BackendName): Promise<Backend> {
  return (await createBackendFactory(modules, choice)).create(bytes)
}

function factory(name: BackendName, failures: readonly string[], make: (bytes: number) => Backend): BackendFactory {
  const selfTest = describe(failures)
  return { name, selfTest, create: (bytes) => ({ ...make(bytes), selfTest }) }
}

function describe(failures: readonly string[]): string {
  return failures.length === 0 ? 'passed' : `passed over ${failures.join('; ')}`
}
