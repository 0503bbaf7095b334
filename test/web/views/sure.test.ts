/** How sure an answer is, in the page's words. */

import { expect, test } from 'vitest'
import { answeredLabel, confirms } from '../../../web/teaching/correction.ts'
import { sureText } from '../../../web/views/answer.ts'

const ANSWER = { digit: 1, probabilities: [0.4, 0.6] }

test('an answer is sure, not sure, or not a digit', () => {
  expect(sureText({ ...ANSWER, verdict: 'digit' })).toBe('60.0% sure')
  expect(sureText({ ...ANSWER, verdict: 'unsure' })).toBe('Not sure: 60.0%')
  expect(sureText({ ...ANSWER, verdict: 'not-a-digit' })).toBe('This doesn’t look like a digit.')
})

test('a correction confirms what the answer said: the digit, or that it is none', () => {
  const answers = [
    { digit: 7, verdict: 'digit' },
    { digit: 7, verdict: 'unsure' },
    { digit: 7, verdict: 'not-a-digit' },
    { digit: 7 },
  ]
  expect(answers.map((answer) => answeredLabel(answer as Parameters<typeof answeredLabel>[0]))).toEqual([
    7,
    7,
    'not-a-digit',
    7,
  ])
  const confirmed = (label: 7 | 'not-a-digit') =>
    answers.map((answer) => confirms({ drawing: { answer }, label } as unknown as Parameters<typeof confirms>[0]))
  expect(confirmed(7)).toEqual([true, true, false, true])
  expect(confirmed('not-a-digit')).toEqual([false, false, true, false])
})
