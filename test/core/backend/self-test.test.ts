import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { SELFTEST_MEMORY, selfTest, selfTestDigests } from '../../../core/backend/self-test.ts'
import { DIGESTS } from '../../../core/backend/self-test-digests.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { KERNEL_NAMES } from '../../../core/kernels.ts'
import { allBackends } from '../backends.ts'

const untouchable = () => Promise.reject(new Error('the TypeScript kernels were asked for'))
const [typescript, scalar, simd] = allBackends(SELFTEST_MEMORY)
const FILE = '../../../core/backend/self-test-digests.ts'

// After a change of kernels or cases: npx vitest run test/core/backend/self-test.test.ts --update
test('the digests are those of the TypeScript kernels', async () => {
  const rows = Object.entries(selfTestDigests(typescript)).map(([kernel, digest]) => `  ${kernel}: ${digest},\n`)
  const head =
    '/** Digests of what the TypeScript kernels give in the self-test. test/core/backend/self-test.test.ts writes them. */'
  const code = `${head}\n\nimport type { KernelName } from '../kernels.ts'\n\nexport const DIGESTS: Readonly<Record<KernelName, number>> = {\n${rows.join('')}}\n`
  await expect(code).toMatchFileSnapshot(FILE)
})

describe('the self-test', () => {
  test('passes all three backends, and loads no TypeScript kernels', async () => {
    for (const backend of [typescript, scalar, simd]) expect(await selfTest(backend, untouchable)).toBe('passed')
  })

  test.each(KERNEL_NAMES)('finds one wrong bit of %s, and says where it is', async (kernel) => {
    const broken = withWrongBit(simd, kernel)
    expect(selfTestDigests(broken)[kernel]).not.toBe(DIGESTS[kernel])
    expect(await selfTest(broken, async () => typescriptBackend)).toMatch(
      /differs at \d+, simd [0-9a-f]{8} against ts [0-9a-f]{8}$/,
    )
  })

  test('names a kernel that is missing', async () => {
    const { exp: _, ...kernels } = simd.kernels
    expect(await selfTest({ ...simd, kernels: kernels as Backend['kernels'] }, untouchable)).toBe(
      'kernel exp is missing',
    )
  })
})

// Flips the last bit of the first value that the kernel writes.
function withWrongBit(backend: Backend, kernel: (typeof KERNEL_NAMES)[number]): Backend {
  const right = backend.kernels[kernel] as (...args: number[]) => void
  const wrong = (...args: number[]) => {
    right(...args)
    backend.arena.u8(args[0], 1)[0] ^= 1
  }
  return { ...backend, kernels: { ...backend.kernels, [kernel]: wrong } }
}
