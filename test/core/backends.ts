/** The backends under test: TypeScript, and the two builds of assembly/ as `npm run build:wasm` left them. */

import { readFileSync } from 'node:fs'
import type { Backend, BackendFactory } from '../../core/backend/backend.ts'
import { typescriptBackend } from '../../core/backend/typescript.ts'
import { wasmBackend } from '../../core/backend/wasm.ts'

const compiled = (name: 'simd' | 'scalar') =>
  new WebAssembly.Module(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)))

/** TypeScript first, then scalar and SIMD, each with a memory of `bytes` bytes of its own. */
export function allBackends(bytes: number): Backend[] {
  return [
    typescriptBackend(bytes),
    wasmBackend('scalar', compiled('scalar'), bytes),
    wasmBackend('simd', compiled('simd'), bytes),
  ]
}

/** The same as factories: each memory is made when it is asked for. */
export function allFactories(): BackendFactory[] {
  const [scalar, simd] = [compiled('scalar'), compiled('simd')]
  return [
    { name: 'ts', selfTest: 'passed', create: typescriptBackend },
    { name: 'scalar', selfTest: 'passed', create: (bytes) => wasmBackend('scalar', scalar, bytes) },
    { name: 'simd', selfTest: 'passed', create: (bytes) => wasmBackend('simd', simd, bytes) },
  ]
}
