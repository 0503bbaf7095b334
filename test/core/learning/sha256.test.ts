import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256Hex } from '../../../core/learning/sha256.ts'

test('SHA-256 is that of another program for every length up to three blocks, and of a long message', () => {
  const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  for (const length of [...Array(193).keys(), bytes.length]) {
    const message = bytes.subarray(1, 1 + length)
    expect(sha256Hex(message)).toBe(createHash('sha256').update(message).digest('hex'))
  }
})
