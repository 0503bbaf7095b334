import { describe, expect, test } from 'vitest'
import type { RoundProgress, RoundReport, TrainingResponse } from '../../../core/protocol.ts'
import { RoundHistory } from '../../../web/teaching/round-history.ts'

const IDLE: TrainingResponse = { state: 'idle', waiting: 0, corrections: 0, models: ['a'], rounds: [] }

const progress = (round: number, step: number): RoundProgress => ({
  round,
  model: 'a',
  phase: 'training',
  step,
  steps: 10,
  loss: 1 / step,
  accuracy: step / 10,
  lessons: 3,
})

const report = (round: number): RoundReport => ({
  round,
  model: 'a',
  parent: 1,
  verdict: 'unchanged',
  lessons: { learned: 0, implausible: 3 },
  reason: 'nothing plausible',
  seconds: 1,
  at: '2026-01-01T00:00:00Z',
})

describe('what a page knows of the phone’s learning', () => {
  test('a round is training from its start to its end, and its report is new once', () => {
    const history = new RoundHistory()
    history.update(IDLE)
    history.apply({ type: 'started', ...progress(1, 1) })
    history.apply({ type: 'step', ...progress(1, 2) })
    expect(history.training).toMatchObject({ state: 'training', round: { step: 2 } })
    expect(history.apply({ type: 'finished', ...report(1) })).toEqual(report(1))
    expect(history.training).toMatchObject({ state: 'idle', rounds: [{ round: 1 }] })
    expect(history.training).not.toHaveProperty('round')
    expect(history.apply({ type: 'finished', ...report(1) })).toBeUndefined()
    expect(history.update({ ...IDLE, rounds: [report(1)] })).toEqual([])
  })

  test('learning that waits for the battery is idle with its reason, also in the middle of a round, until it continues', () => {
    const history = new RoundHistory()
    history.update(IDLE)
    history.apply({ type: 'started', ...progress(1, 1) })
    const wait = { reason: 'low', message: 'a message', limits: { charge: 40, starts: 40, stops: 43 } } as const
    history.apply({ type: 'waits', ...wait })
    expect(history.training).toEqual({ ...IDLE, learningWaits: wait })
    history.apply({ type: 'continues' })
    expect(history.training).toEqual(IDLE)
    history.apply({ type: 'started', ...progress(1, 1) })
    expect(history.training).toMatchObject({ state: 'training', round: { round: 1 } })
  })

  test('rounds that ended without events are new in the next report, the oldest first; in the first report none is new', () => {
    const history = new RoundHistory()
    expect(history.update({ ...IDLE, rounds: [report(2), report(1)] })).toEqual([])
    const rounds = [report(4), report(3), report(2), report(1)]
    expect(history.update({ ...IDLE, rounds }).map(({ round }) => round)).toEqual([3, 4])
    expect(history.newest).toBe(4)
  })

  test('repeated events of a round that has ended do not restart it', () => {
    const history = new RoundHistory()
    history.update({ ...IDLE, rounds: [report(5)] })
    history.apply({ type: 'step', ...progress(5, 3) })
    expect(history.training?.state).toBe('idle')
  })

  test('a curve has one point per step, and a step taken again after a power cut replaces what came after it', () => {
    const history = new RoundHistory()
    history.update(IDLE)
    for (const step of [1, 2, 3, 4, 2, 3]) history.apply({ type: 'step', ...progress(1, step) })
    expect(history.curve?.points.map(({ step }) => step)).toEqual([1, 2, 3])
    history.apply({ type: 'step', ...progress(2, 1) })
    expect([history.curve?.round, history.before?.round]).toEqual([2, 1])
    history.apply({ type: 'step', ...progress(3, 1) })
    expect([history.curve?.round, history.before?.round]).toEqual([3, 2])
  })

  test('what was stored counts as waiting at once', () => {
    const history = new RoundHistory()
    history.update(IDLE)
    history.apply({ type: 'correction', id: 'x', waiting: 4 })
    expect(history.training?.waiting).toBe(4)
  })
})
