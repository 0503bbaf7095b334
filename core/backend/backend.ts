/**
 * What a backend is: a set of kernels and the memory they work on. `typescript.ts` and `wasm.ts` make them, `choose.ts` picks one.
 */

import type { Kernels } from '../kernels.ts'
import type { Arena } from './arena.ts'

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

/** Size of a page of WebAssembly memory, bytes. */
export const WASM_PAGE = 65_536

/**
 * Bytes below the arena, in which the builds of assembly/ keep constants, tables and scratch of their own; the same in every
 * backend, so that offsets are. The limit stands in asconfig.json too, where the compiler enforces it.
 */
export const RESERVED = 16_384

/** Bytes of memory a backend has whose `bytes` were asked for: with what is reserved, in whole pages. */
export function backendMemory(bytes: number): number {
  return Math.ceil((RESERVED + bytes) / WASM_PAGE) * WASM_PAGE
}
