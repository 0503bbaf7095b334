import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PredictResponse, RoundProgress, RoundReport } from '../../../core/protocol.ts'
import type { VisitorCorrection } from '../../../web/teaching/correction.ts'
import { CorrectionOutcome } from '../../../web/teaching/correction-outcome.ts'

/** A correction about an answer of model a, which b learns from as well unless named otherwise. */
function kept(learning: readonly string[] = ['a', 'b']): VisitorCorrection {
  const drawing = { revision: 1, answer: { model: 'a', version: 1, digit: 8 } }
  return { label: 7, drawing, state: { kind: 'kept', correction: { learning } } } as unknown as VisitorCorrection
}

const progress = (round: number, model = 'a') => ({ round, model, phase: 'training' }) as RoundProgress
const report = (round: number, verdict: RoundReport['verdict'], model = 'a') =>
  ({ round, model, verdict, version: 2 }) as RoundReport

function setUp(...versions: number[]) {
  const ask = vi.fn(async () => ({
    kind: 'ok' as const,
    value: { digit: 7, version: versions.shift() ?? 2 } as PredictResponse,
  }))
  const outcome = new CorrectionOutcome(ask, () => {})
  return { outcome, ask }
}

describe('what became of a correction', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a round that was under way when it was sent does not contain it', () => {
    const { outcome } = setUp()
    outcome.watch(kept(), 4)
    outcome.progress(progress(4))
    expect(outcome.state).toMatchObject({ kind: 'waiting', other: { round: 4 } })
    outcome.finished(report(4, 'promoted'))
    expect(outcome.state.kind).toBe('waiting')
    outcome.progress(progress(5))
    expect(outcome.state.kind).toBe('learning')
  })

  test('a round that waits for the battery goes on as the same round', () => {
    const { outcome } = setUp()
    const wait = { reason: 'low', message: 'a message', limits: { charge: 40, starts: 40, stops: 43 } } as const
    outcome.watch(kept(), 4)
    outcome.progress(progress(5))
    outcome.progress(undefined, wait)
    expect(outcome.state).toMatchObject({ kind: 'waiting', wait })
    expect(outcome.pending).toBe(true)
    outcome.progress(undefined)
    expect(outcome.state).not.toHaveProperty('wait')
    outcome.progress(progress(5))
    expect(outcome.state.kind).toBe('learning')
  })

  test('a promotion is followed by the drawing’s new answer, requested again where the version is served after the report', async () => {
    const { outcome, ask } = setUp(1, 2)
    outcome.watch(kept(), 0)
    outcome.finished(report(1, 'promoted'))
    expect(outcome.pending).toBe(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(outcome.state).toMatchObject({ kind: 'learned', now: { version: 1 } })
    await vi.advanceTimersByTimeAsync(700)
    expect(outcome.state).toMatchObject({ kind: 'learned', now: { version: 2, digit: 7 } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(2)
    expect(outcome.pending).toBe(false)
  })

  test('a promoted version stays visible while later rounds run and are refused', async () => {
    const { outcome } = setUp(2)
    outcome.watch(kept(), 0)
    outcome.finished(report(1, 'promoted'))
    await vi.advanceTimersByTimeAsync(0)
    outcome.progress(progress(2))
    outcome.finished(report(2, 'stopped'))
    expect(outcome.state).toMatchObject({ kind: 'learned', report: { round: 1 }, now: { digit: 7 } })
  })

  test('after a refusal the phone is not asked again', async () => {
    const { outcome, ask } = setUp()
    outcome.watch(kept(), 0)
    outcome.finished(report(1, 'refused'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect([outcome.state.kind, outcome.pending, ask.mock.calls.length]).toEqual(['learned', false, 0])
  })

  test('the model that answered is followed, not another one; where it does not learn, one that does', () => {
    const { outcome } = setUp()
    outcome.watch(kept(), 0)
    outcome.finished(report(1, 'refused', 'b'))
    expect(outcome.state.kind).toBe('waiting')
    outcome.watch(kept(['b']), 0)
    outcome.finished(report(1, 'refused', 'b'))
    expect(outcome.state.kind).toBe('learned')
  })

  test('where no model learns there is nothing to wait for', () => {
    const { outcome } = setUp()
    outcome.watch(kept([]), 0)
    expect([outcome.state.kind, outcome.pending]).toEqual(['idle', false])
  })

  test('a withdrawn correction has no outcome, whatever happens later', () => {
    const { outcome } = setUp()
    const correction = kept()
    outcome.watch(correction, 0)
    outcome.forget(correction)
    outcome.finished(report(1, 'promoted'))
    expect(outcome.state.kind).toBe('none')
  })
})
