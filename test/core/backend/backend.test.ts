import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type KernelModules, RESERVED } from '../../../core/backend/backend.ts'
import { createBackend } from '../../../core/backend/choose.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'

const compile = async (name: string) =>
  new WebAssembly.Module(readFileSync(new URL(`../../../build/${name}.wasm`, import.meta.url)))
const typescript = async () => typescriptBackend
const real: KernelModules = { simd: () => compile('simd'), scalar: () => compile('scalar'), typescript }
const untouchable: KernelModules = {
  simd: () => Promise.reject(new Error('simd was asked for')),
  scalar: () => Promise.reject(new Error('scalar was asked for')),
  typescript,
}

describe('the choice of a backend', () => {
  test('is SIMD if it loads and passes the self-test', async () => {
    const { name, selfTest, arena } = await createBackend(real, 200_000)
    expect([name, selfTest]).toEqual(['simd', 'passed'])
    expect(arena.buffer.byteLength).toBe(4 * 65_536)
  })

  test('is scalar if SIMD does not load, with the reason', async () => {
    const { name, selfTest } = await createBackend({ ...real, simd: untouchable.simd }, 65_536)
    expect([name, selfTest]).toEqual(['scalar', 'passed over simd: simd was asked for'])
  })

  test('is TypeScript if no WebAssembly loads', async () => {
    const { name, selfTest } = await createBackend(untouchable, 65_536)
    expect(name).toBe('ts')
    expect(selfTest).toMatch(/^passed over simd: .*; scalar: /)
  })

  test('never touches WebAssembly when TypeScript is requested', async () => {
    const { name, selfTest } = await createBackend(untouchable, 65_536, 'ts')
    expect([name, selfTest]).toEqual(['ts', 'passed'])
  })

  test('falls back, naming the kernel, when a build computes something else', async () => {
    // one coefficient of exp, found in the bytes of the module and changed in its last bit
    const bytes = readFileSync(new URL('../../../build/simd.wasm', import.meta.url))
    const coefficient = Buffer.from(Float32Array.of(5.0000001201e-1).buffer)
    let replaced = 0
    for (let at = bytes.indexOf(coefficient); at >= 0; at = bytes.indexOf(coefficient, at + 4)) {
      bytes[at] ^= 4
      replaced++
    }
    expect(replaced).toBeGreaterThan(0)
    const { name, selfTest } = await createBackend({ ...real, simd: async () => new WebAssembly.Module(bytes) }, 65_536)
    expect(name).toBe('scalar')
    expect(selfTest).toMatch(/^passed over simd: (exp|softmax).* differs at/)
  })
})

test.each([
  'simd',
  'scalar',
])('a %s build writes nothing above what is reserved for it, and no arena begins below', async (name) => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 })
  const bytes = new Uint8Array(memory.buffer).fill(0xa5)
  new WebAssembly.Instance(await compile(name), { env: { memory } })
  expect(bytes.findLastIndex((byte) => byte !== 0xa5)).toBeLessThan(RESERVED)
  expect(bytes.subarray(0, 16).every((byte) => byte === 0xa5)).toBe(true)
  const { options } = JSON.parse(readFileSync(new URL('../../../asconfig.json', import.meta.url), 'utf8'))
  expect(options.lowMemoryLimit).toBe(RESERVED)
  for (const backend of ['simd', 'scalar', 'ts'] as const) {
    expect((await createBackend(real, 65_536, backend)).arena.allocate(65_536)).toBe(RESERVED)
  }
})
