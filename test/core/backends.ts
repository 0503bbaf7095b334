/** The backends under test: TypeScript, and the two builds of assembly/ as `npm run build:wasm` left them. */

import { readFileSync } from 'node:fs'
import { type Backend, typescriptBackend, wasmBackend } from '../../core/backend.ts'

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
