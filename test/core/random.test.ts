import { describe, expect, test } from 'vitest'
import { philox, Random } from '../../core/random.ts'

describe('Philox2x32-10', () => {
  test('gives the first words of the known answers of its authors’ library', () => {
    // Random123 1.14, kat_vectors: counter (two words), key, answer (two words); `philox` returns the first
    expect(philox(0, 0, 0).toString(16)).toBe('ff1dae59')
    expect(philox(0xffffffff, 0xffffffff, 0xffffffff).toString(16)).toBe('2c3f628b')
    expect(philox(0x13198a2e, 0x85a308d3, 0x243f6a88).toString(16)).toBe('dd7ce038')
  })
})

describe('Random', () => {
  test('continues from its counter', () => {
    const whole = new Random(3, 4)
    const first = [whole.u32(), whole.u32(), whole.u32()]
    const resumed = new Random(3, 4)
    resumed.counter = 1
    expect([resumed.u32(), resumed.u32()]).toEqual(first.slice(1))
  })

  test('has a mean within 4 standard errors of 1/2 and no two streams alike', () => {
    const count = 100_000
    const [a, b] = [new Random(1, 0), new Random(1, 1)]
    let sum = 0
    let equal = 0
    for (let i = 0; i < count; i++) {
      const value = a.uniform()
      sum += value
      if (value === b.uniform()) equal++
    }
    expect(Math.abs(sum / count - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / count))
    expect(equal).toBeLessThan(3)
  })

  test('shuffles every element to every place, within 5 standard errors of uniform', () => {
    const [size, rounds] = [8, 20_000]
    const random = new Random(2, 0)
    const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
    for (let round = 0; round < rounds; round++) {
      const order = Uint32Array.from({ length: size }, (_, i) => i)
      random.shuffle(order)
      for (const [place, value] of order.entries()) counts[value][place]++
    }
    const error = Math.sqrt(rounds * (1 / size) * (1 - 1 / size))
    for (const row of counts) for (const count of row) expect(Math.abs(count - rounds / size)).toBeLessThan(5 * error)
  })
})
