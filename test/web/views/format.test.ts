import { describe, expect, test } from 'vitest'
import { duration, fileSize, megabytes, milliseconds, percent, percentWithSpread } from '../../../web/views/format.ts'

describe('numbers in words', () => {
  test.each([
    [0, '0.0%'],
    [0.98234, '98.2%'],
    [0.99951, '99.9%'],
    [1, '100.0%'],
  ])('a share of %f is %s: nothing short of 1 is called 100%%', (share, words) => {
    expect(percent(share)).toBe(words)
  })

  test.each([
    [0.012, '0.01 ms'],
    [0.4123, '0.412 ms'],
    [12.34, '12.3 ms'],
    [1523.4, '1520 ms'],
  ])('%f ms are %s', (ms, words) => {
    expect(milliseconds(ms)).toBe(words)
  })

  test.each([
    [0.4, '0 s'],
    [59.9, '59 s'],
    [125, '2 min 5 s'],
    [3600, '1 h'],
    [273_600, '3 d 4 h'],
  ])('%f s are %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words)
  })

  test('memory is in MB of 2^20 bytes', () => {
    expect(megabytes(121_634_816)).toBe('116 MB')
  })
})

describe('sizes and spreads in words', () => {
  test.each([
    [1, '1 kB'],
    [31_600, '31 kB'],
    [2 ** 20 - 1, '1024 kB'],
    [2 ** 20, '1.0 MB'],
    [10_027_008, '9.6 MB'],
  ])('a file of %i bytes has %s', (bytes, words) => {
    expect(fileSize(bytes)).toBe(words)
  })

  test('a mean and its deviation have the same unit', () => {
    expect(percentWithSpread(0.9723, 0.0141)).toBe('97.2 ± 1.4%')
  })
})
