import { describe, expect, test } from 'vitest'
import type { GateReport, Label, LearningWait, RoundReport } from '../../../core/protocol.ts'
import type { CorrectionState, VisitorCorrection } from '../../../web/teaching/correction.ts'
import {
  gateMessage,
  labelPhrase,
  learnedMessage,
  outcomeMessage,
  progressMessage,
  teachingMessage,
  trainingMessage,
  triesMessage,
  verdictMessage,
  waitMessage,
} from '../../../web/teaching/messages.ts'
import { percentagePoints, precisePercent } from '../../../web/views/format.ts'

const name = (model: string) => `The ${model}`
const correction = (label: Label, state: CorrectionState): VisitorCorrection =>
  ({ label, state, drawing: { revision: 1, answer: { digit: 1 } } }) as unknown as VisitorCorrection
const score = (accuracy: number) => ({ accuracy, perClass: Array<number>(10).fill(accuracy) })
const GATE: GateReport = {
  set: 'mnist',
  images: 1,
  shipped: score(0.98),
  candidate: score(0.979),
  limits: { overall: 0.001, worstClass: 0.025 },
  passed: false,
  reason: 'too much was lost',
}
const LIMITS = { charge: 40, starts: 40, stops: 43 }
const WAIT: LearningWait = { reason: 'not-charging', message: 'a message for the owner', limits: LIMITS }

describe('teaching in words', () => {
  test.each([
    [0.00123, '+0.12'],
    [-0.0005, '−0.05'],
    [0.00004, '±0'],
    [-0.00004, '±0'],
  ])('a difference of %f is %s points', (difference, words) => {
    expect(percentagePoints(difference)).toBe(words)
  })

  test.each<[Partial<RoundReport>, boolean, string]>([
    [
      { verdict: 'unchanged', lessons: { learned: 0, implausible: 0, held: 1 } },
      true,
      'Kept: it counts for everyone once somebody else or the phone’s owner agrees. It already counts for you.',
    ],
    [
      { verdict: 'unchanged', lessons: { learned: 0, implausible: 0, held: 2 } },
      false,
      'Kept: it counts for everyone once somebody else or the phone’s owner agrees.',
    ],
    [
      { verdict: 'promoted', version: 3, lessons: { learned: 4, implausible: 1, held: 2 } },
      true,
      'The phone has learned: version 3 of The cnn answers from now on. 2 drawings count for everyone once somebody else or the phone’s owner agrees. What you taught already counts for you.',
    ],
    [
      { verdict: 'refused', reason: 'it lost too much', lessons: { learned: 1, implausible: 0 } },
      true,
      'What it learned was not adopted: it lost too much.',
    ],
  ])('a round that ended as %j, for whom it counts already: %s', (part, mine, words) => {
    const report = { model: 'cnn', reason: '', ...part } as RoundReport
    const state = { kind: 'learned', correction: correction(7, { kind: 'sending' }), report } as const
    expect(outcomeMessage(state, name, mine)).toBe(words)
  })

  test('shares that differ by little have two decimals, and an eight is an 8', () => {
    expect(precisePercent(0.98765)).toBe('98.77%')
    expect([labelPhrase(7), labelPhrase(8), labelPhrase('not-a-digit')]).toEqual(['a 7', 'an 8', 'no digit'])
  })

  test.each<[CorrectionState, string]>([
    [{ kind: 'sending' }, 'Sending to the phone that it was a 7 …'],
    [
      { kind: 'waiting', status: 503, seconds: 75 },
      'The phone can’t keep corrections just now. It asks for a pause of 1 min 15 s; your correction is sent after that.',
    ],
    [
      { kind: 'refused', status: 429, code: 'quota', detail: '', retryAfter: 3600 },
      'The phone has received many corrections from here. Try again in 1 h.',
    ],
    [
      { kind: 'refused', status: 403, code: 'cross_site', detail: 'INKLING_TRUST_PROXY names the proxy' },
      'The phone takes this page for another site’s, and refuses what it sends. The phone says: INKLING_TRUST_PROXY names the proxy.',
    ],
    [
      { kind: 'refused', status: 422, code: 'blank_image', detail: 'the image is blank' },
      'The phone did not accept it: the image is blank.',
    ],
    [
      { kind: 'refused', status: 403, code: 'other_network', detail: 'somebody else asked' },
      'The phone does not remember this drawing. Draw it again.',
    ],
    [{ kind: 'withdrawn' }, 'Taken back: the phone has forgotten it.'],
  ])('a correction in the state %j: %s', (state, words) => {
    expect(teachingMessage(correction(7, state), undefined, true)).toBe(words)
  })

  test.each<[Partial<RoundReport>, string]>([
    [{ verdict: 'promoted', version: 3 }, 'The phone has learned: version 3 of The cnn answers from now on.'],
    [{ verdict: 'refused' }, 'What it learned was not adopted: why.'],
    [{ verdict: 'unchanged' }, 'There was nothing to learn: why.'],
    [{ verdict: 'stopped' }, 'The owner stopped the round before it ended.'],
    [{ verdict: 'failed', reason: 'no room.' }, 'The round failed: no room.'],
  ])('a round that ended as %j: %s', (report, words) => {
    expect(verdictMessage({ model: 'cnn', verdict: 'failed', reason: 'why', ...report }, name)).toBe(words)
  })

  test('the gate’s text has its digits, reason and limits; tries are listed where there were several', () => {
    expect(gateMessage(GATE)).toBe(
      'Not passed, on 1 digit of MNIST: too much was lost. A candidate may lose at most 0.10 points overall and 2.50 on any digit.',
    )
    expect(triesMessage([{ share: 1, gate: GATE }])).toBe('')
    expect(
      triesMessage([
        { share: 1, gate: GATE },
        { share: 0.5, gate: { ...GATE, passed: true } },
      ]),
    ).toBe('100% of what was learned: not passed, 50% of what was learned: passed.')
  })

  test.each([
    ['not-charging', 'The phone learns while it charges. It is not charging now; it is at 31 %.'],
    ['low', 'The phone learns when it charges and is at 40 % or more. It is at 31 %.'],
    ['hot', 'The phone is too warm to learn, at 44 °C. It learns at 40 °C or less.'],
    ['unknown', 'The phone learns while it charges. It can’t tell now how its battery is.'],
  ] as const)('why learning waits: %s', (reason, words) => {
    const wait = { ...WAIT, reason, ...(reason !== 'unknown' && { charge: 31, temperature: 44 }) }
    expect(waitMessage(wait)).toBe(words)
    const waiting = { kind: 'waiting', correction: correction(7, { kind: 'sending' }), wait } as const
    expect(outcomeMessage(waiting, name)).toBe(`Your drawing is learned from later. ${words}`)
  })

  test('how learning stands, and what a round learned from', () => {
    expect(trainingMessage(undefined, name)).toBe('Asking the phone how it learns …')
    const idle = { state: 'idle', waiting: 1, corrections: 1, models: [], rounds: [] } as const
    expect(trainingMessage(idle, name)).toBe('1 drawing waits to be learned from.')
    expect(trainingMessage({ ...idle, waiting: 0 }, name)).toBe('This phone has not learned anything yet.')
    expect(trainingMessage({ ...idle, state: 'off' }, name)).toBe('This phone does not learn now.')
    const learningWaits: LearningWait = { ...WAIT, charge: 31, temperature: 30 }
    expect(trainingMessage({ ...idle, waiting: 2, learningWaits }, name)).toBe(
      '2 drawings wait to be learned from. The phone learns while it charges. It is not charging now; it is at 31 %.',
    )
    const round = { round: 1, model: 'cnn', phase: 'gate', step: 9, steps: 10, lessons: 2 } as const
    expect(progressMessage(round, name)).toBe(
      'The cnn. Has learned from 2 drawings. The gate now checks that it has forgotten nothing …',
    )
    expect(learnedMessage({ lessons: { learned: 2, implausible: 1 }, right: { before: 0, after: 2 } })).toBe(
      '2 drawings learned from. Of these it got 0 right before and 2 right after. 1 drawing held back as implausible.',
    )
  })
})
