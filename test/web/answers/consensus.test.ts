import { describe, expect, test } from 'vitest'
import type { ModelAnswer } from '../../../core/protocol.ts'
import { consensus } from '../../../web/answers/consensus.ts'
import { consensusMessage } from '../../../web/answers/messages.ts'

const votes = (...digits: (number | undefined)[]): ModelAnswer[] =>
  digits.map((digit, i) =>
    digit === undefined
      ? { model: `m${i}`, problem: 'broken' }
      : {
          model: `m${i}`,
          version: 1,
          digit: digit % 10,
          confidence: 1,
          verdict: digit === 10 ? 'not-a-digit' : 'digit',
          other: 0,
          probabilities: [],
          time: 1,
        },
  )

describe('what many models say together', () => {
  test.each([
    [[3, 3, 3], 3, 'All 3 say 3.'],
    [[3, 3, 8], 3, '2 say 3, 1 says 8.'],
    [[8, 3, 8, 3], undefined, 'They disagree: 2 say 3, 2 say 8.'],
    [[1, 2, 2, 7, 7, 7], 7, '3 say 7, 2 say 2, 1 says 1.'],
    [[...Array(11).fill(4), 9], 4, '11 say 4, 1 says 9.'],
    [[5], 5, 'The only model that answers says 5.'],
    [[5, undefined, 5], 5, 'Both say 5.'],
    [[10, 10, 10], 10, 'All 3 say no digit.'],
    [[3, 10, 3], 3, '2 say 3, 1 says no digit.'],
    [[undefined], undefined, 'No model can answer.'],
    [[], undefined, 'No model can answer.'],
  ])('of %j the majority is %s: "%s"', (digits, majority, words) => {
    const counted = consensus(votes(...digits))
    expect(counted.digit).toBe(majority)
    expect(consensusMessage(counted)).toBe(words)
  })

  test('every digit has exactly the votes it got, whatever the order', () => {
    expect(consensus(votes(1, 0, 1, undefined, 9)).counts).toEqual([
      { digit: 1, votes: 2 },
      { digit: 0, votes: 1 },
      { digit: 9, votes: 1 },
    ])
  })
})
