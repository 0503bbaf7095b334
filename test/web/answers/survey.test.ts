import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PredictAllResponse } from '../../../core/protocol.ts'
import { Survey, type SurveyState } from '../../../web/answers/survey.ts'
import type { Reply } from '../../../web/api/request.ts'

const ANSWERS: Reply<PredictAllResponse> = { kind: 'ok', value: { answers: [] } as unknown as PredictAllResponse }

/** A survey whose replies the test decides, and what came of them. */
function setUp() {
  const flights: { body: Blob; signal: AbortSignal; land: (reply: Reply<PredictAllResponse>) => Promise<void> }[] = []
  const states: SurveyState['kind'][] = []
  const survey = new Survey(
    (body, signal) =>
      new Promise((resolve) => {
        const land = async (reply: Reply<PredictAllResponse>): Promise<void> => {
          resolve(reply)
          await vi.advanceTimersByTimeAsync(0)
        }
        flights.push({ body, signal, land })
      }),
    () => states.push(survey.state.kind),
  )
  const last = () => flights.at(-1) ?? expect.fail('nothing was asked')
  return { survey, flights, states, last }
}

const picture = (revision: number) => ({ revision, body: new Blob([String(revision)]) })

describe('asking all models', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a drawing is asked about once, however often that is asked for', async () => {
    const { survey, flights, states, last } = setUp()
    survey.ask(picture(1))
    survey.ask(picture(1))
    await last().land(ANSWERS)
    survey.ask(picture(1))
    expect(flights).toHaveLength(1)
    expect(states).toEqual(['asking', 'answered'])
  })

  test('the newest drawing wins: the one before is withdrawn, its late answer ignored', async () => {
    const { survey, flights, states, last } = setUp()
    survey.ask(picture(1))
    survey.ask(picture(2))
    expect(flights.map(({ signal }) => signal.aborted)).toEqual([true, false])
    await flights[0]?.land(ANSWERS)
    expect(states.at(-1)).toBe('asking')
    await last().land(ANSWERS)
    expect(states.at(-1)).toBe('answered')
  })

  test.each([
    429, 503,
  ])('after %i nothing is sent before Retry-After has passed, not even about a newer drawing; then that', async (status) => {
    const { survey, flights, last } = setUp()
    survey.ask(picture(1))
    await last().land({ kind: 'refused', status, code: 'wait', detail: '', retryAfter: 7 })
    expect(survey.state).toEqual({ kind: 'waiting', seconds: 7 })
    survey.clear()
    survey.ask(picture(2))
    await vi.advanceTimersByTimeAsync(6900)
    expect(flights).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(flights).toHaveLength(2)
    expect(await last().body.text()).toBe('2')
  })

  test('forgetting withdraws the question and no answer comes of it', async () => {
    const { survey, flights, states, last } = setUp()
    survey.ask(picture(1))
    survey.clear()
    expect(last().signal.aborted).toBe(true)
    await last().land(ANSWERS)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(states).toEqual(['asking', 'idle'])
    expect(flights).toHaveLength(1)
  })

  test('while the phone does not answer it tries again without being asked', async () => {
    const { survey, flights, last } = setUp()
    survey.ask(picture(1))
    await last().land({ kind: 'unreachable' })
    expect(survey.state.kind).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1000)
    expect(flights).toHaveLength(2)
  })

  test('a refused question is not sent again until the drawing changes', async () => {
    const { survey, flights, last } = setUp()
    survey.ask(picture(1))
    await last().land({ kind: 'refused', status: 422, code: 'blank_image', detail: 'no ink' })
    expect(survey.state).toEqual({ kind: 'refused', detail: 'no ink' })
    await vi.advanceTimersByTimeAsync(120_000)
    survey.ask(picture(1))
    expect(flights).toHaveLength(1)
    survey.ask(picture(2))
    expect(flights).toHaveLength(2)
  })
})
