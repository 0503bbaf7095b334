/** What a round writes to disk. */

import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { testUnless } from '../../skip.ts'
import { noTrace, traceScript } from '../store/traced-script.ts'
import { newFolder } from './state.ts'

const REFUSING = fileURLToPath(new URL('refusing-process.ts', import.meta.url))

testUnless(
  noTrace,
  'a round that is refused writes its report, at most 16 KB with one sync, and makes no file',
  async () => {
    const state = newFolder('state')
    const operations = await traceScript(state, REFUSING, state)
    const prints = operations.flatMap((one, at) => (one.type === 'print' ? [{ at, text: one.text.trim() }] : []))
    expect(prints.map(({ text }) => text)).toEqual(['acknowledged', 'refused'])
    const during = operations
      .slice(prints[0].at + 1, prints[1].at)
      .filter(({ type }) => type !== 'print' && type !== 'make folder')
    const log = `${state}/store.db-wal`
    expect(during.filter((one) => !('path' in one && one.path === log))).toEqual([])
    expect(during.filter(({ type }) => type === 'sync')).toHaveLength(1)
    const bytes = during.reduce((sum, one) => sum + (one.type === 'write' ? one.bytes.length : 0), 0)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(16_384)
  },
)
