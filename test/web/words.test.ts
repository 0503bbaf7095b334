import { describe, expect, test } from 'vitest'
import type { PredictResponse } from '../../core/protocol.ts'
import { compare } from '../../web/agreement.ts'
import { duration, megabytes, milliseconds, percent, phoneWords, refusal } from '../../web/words.ts'

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

describe('what the page says about the phone', () => {
  const here = { model: 'softmax', version: 1, digit: 7, confidence: 0.9, probabilities: [0.1, 0.9] }
  const answer = { ...here, id: 'x', timing: { decode: 1, preprocess: 1, infer: 1, total: 3 } } as PredictResponse

  test('equal means the same model and every probability the same; else it is said how the answers differ', () => {
    expect(compare(here, answer)).toBe('identical')
    expect(compare(here, { ...answer, probabilities: [0.1, 0.9000000001] })).toBe('close')
    expect(compare(here, { ...answer, digit: 1 })).toBe('different')
    expect(compare(here, { ...answer, version: 2 })).toBe('other-model')
  })

  test('that the browser answers meanwhile is said only where it can', () => {
    expect(phoneWords({ kind: 'away' }, undefined, true).text).toContain('Your browser answers meanwhile.')
    expect(phoneWords({ kind: 'away' }, undefined, false).text).toBe('The phone is not answering.')
  })

  test('a pause of one second is not one of "1 seconds"', () => {
    const words = phoneWords({ kind: 'paused', status: 503, seconds: 1 }, undefined, false)
    expect(words.text).toContain('1 second.')
  })

  test('only disagreement is alarming', () => {
    const state = { kind: 'answered', revision: 1, answer } as const
    const tones = (['identical', 'close', 'different', 'other-model', undefined] as const).map(
      (agreement) => phoneWords(state, agreement, true).tone,
    )
    expect(tones).toEqual(['good', 'bad', 'bad', 'quiet', 'quiet'])
  })

  test('a refusal without words of its own tells what the program said', () => {
    expect(refusal('too_odd', 'the odds are against it')).toBe('This drawing can’t be read: the odds are against it.')
  })
})
