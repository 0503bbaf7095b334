import { expect, test } from 'vitest'
import { Arena } from '../../../core/backend/arena.ts'

test('allocates aligned, zeroed, disjoint memory and never offset 0', () => {
  const arena = new Arena(new ArrayBuffer(4096))
  const [a, b, c] = [arena.allocate(3), arena.allocate(16), arena.allocate(17)]
  expect([a, b, c]).toEqual([16, 32, 48])
  arena.u8(a, 16).fill(255)
  const mark = arena.mark()
  arena.u8(arena.allocate(8), 8).fill(7)
  arena.release(mark)
  expect([...arena.u8(arena.allocate(8), 8)]).toEqual(new Array(8).fill(0))
  expect([...arena.u8(b, 16)]).toEqual(new Array(16).fill(0))
})

test('reserves the bytes that kernels may read past the last operand, and throws when it is full', () => {
  const arena = new Arena(new ArrayBuffer(64))
  expect(arena.free).toBe(64 - 16 - 16)
  expect(() => arena.allocate(33)).toThrow(/arena is full: 48 bytes wanted, 32 free/)
  expect(arena.allocate(32)).toBe(16)
})
