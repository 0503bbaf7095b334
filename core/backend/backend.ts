/**
 * What a backend is: a set of kernels and the memory they work on. `typescript.ts` and `wasm.ts` make them, `choose.ts` picks one.
 */

import type { Kernels } from '../kernels.ts'
import type { Arena } from './arena.ts'

/** From fastest to most portable; all give the same bits. */
export const BACKEND_NAMES = ['simd', 'scalar', 'ts'] as const
export type BackendName = (typeof BACKEND_NAMES)[number]

/** A set of kernels and the memory they work on. */
export interface Backend {
  readonly name: BackendName
  /** 'passed', or why faster backends are not used. */
  readonly selfTest: string
  readonly kernels: Kernels
  readonly arena: Arena
}

/** Makes backends of one kind. Every model gets a backend whose memory has the size the model needs. */
export interface BackendFactory {
  readonly name: BackendName
  /** As in Backend. */
  readonly selfTest: string
  /** What a thread makes the same backends of; undefined for 'ts'. */
  readonly module?: unknown
  /**
   * A backend on new memory with an arena of at least `bytes` bytes.
   * @throws RangeError when the machine has not enough memory
   */
  create(bytes: number): Backend
}

/** Loads the kernels: the compiled builds of assembly/, and `typescriptBackend`. Platforms provide it; each is loaded only when needed. */
export interface KernelModules {
  simd(): Promise<unknown>
  scalar(): Promise<unknown>
  typescript(): Promise<(bytes: number) => Backend>
}

/** Size of a page of WebAssembly memory, bytes. */
export const WASM_PAGE = 65_536

/**
 * Bytes below the arena, where the builds of assembly/ have their constants, tables and scratch memory. The same in every
 * backend, so that offsets are the same. asconfig.json has this limit too, and the compiler enforces it.
 */
export const RESERVED = 24_576

/** Bytes of memory of a backend whose arena has `bytes` bytes: whole pages, with the reserved part. */
export function backendMemory(bytes: number): number {
  return Math.ceil((RESERVED + bytes) / WASM_PAGE) * WASM_PAGE
}
