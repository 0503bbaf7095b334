/** The WebAssembly backends: compiles a build of assembly/ and instantiates it on memory of fixed size. */

import type { Kernels } from '../kernels.ts'
import { Arena } from './arena.ts'
import { type Backend, backendMemory, RESERVED, WASM_PAGE } from './backend.ts'

// The part of the WebAssembly API used here, which TypeScript's library of the language does not declare.
interface WebAssemblyLike {
  compile(bytes: Uint8Array): Promise<unknown>
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  Instance: new (module: unknown, imports: object) => { readonly exports: unknown }
}

// a function, so that WebAssembly is not touched on machines where it aborts
const webAssembly = () => (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly

/** Compiles a build of assembly/ from the bytes of its file. */
export function compileWasm(bytes: Uint8Array): Promise<unknown> {
  return webAssembly().compile(bytes)
}

/** The kernels of a compiled module with an arena of at least `bytes` bytes, not yet self-tested. */
export function wasmBackend(name: 'simd' | 'scalar', module: unknown, bytes: number): Backend {
  const { Memory, Instance } = webAssembly()
  const pages = backendMemory(bytes) / WASM_PAGE
  const memory = new Memory({ initial: pages, maximum: pages })
  const instance = new Instance(module, { env: { memory } })
  return { name, selfTest: 'passed', kernels: instance.exports as Kernels, arena: new Arena(memory.buffer, RESERVED) }
}
