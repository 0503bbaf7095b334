/** Compiles assembly/ to one WebAssembly module, with the options of asconfig.json. */

import asc from 'assemblyscript/asc'
import type { Outputs } from './step.ts'

/** @throws Error with the compiler's messages */
export async function compileKernels(root: string, target: 'simd' | 'scalar'): Promise<Outputs> {
  const outputs = new Map<string, Uint8Array | string>() // one: the compiler's own idea of its path is not needed
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target, '--baseDir', root], {
    writeFile: (_, content) => void outputs.set(`${target}.wasm`, content),
  })
  if (error) throw new Error(`${stderr.toString()}${error.message}`)
  return outputs
}
