import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PredictResponse, SystemResponse } from '../../../core/protocol.ts'
import { Phone, type PhoneState } from '../../../web/answers/phone.ts'
import type { Reply } from '../../../web/api/request.ts'

const AWAY = { kind: 'unreachable' } as const
const SYSTEM: Reply<SystemResponse> = { kind: 'ok', value: { name: 'inkling' } as SystemResponse }
const ANSWER: Reply<PredictResponse> = { kind: 'ok', value: { digit: 7 } as PredictResponse }

/** A phone whose replies the test decides, and what came of them. */
function setUp() {
  const flights: { body: Blob | 'system'; signal: AbortSignal; land: (reply: Reply<never>) => Promise<void> }[] = []
  const states: PhoneState[] = []
  const fly = (body: Blob | 'system', signal: AbortSignal): Promise<Reply<never>> =>
    new Promise((resolve) => {
      const land = async (reply: Reply<never>): Promise<void> => {
        resolve(reply)
        await vi.advanceTimersByTimeAsync(0)
      }
      flights.push({ body, signal, land })
    })
  const phone = new Phone(
    { predict: ({ body }, signal) => fly(body, signal), system: (signal) => fly('system', signal) },
    (state) => states.push(state),
    () => {},
  )
  const last = () => flights[flights.length - 1] ?? expect.fail('nothing was asked')
  return { phone, flights, states, last }
}

const picture = (revision: number) => ({ revision, body: new Blob([String(revision)]) })

describe('the conversation with the phone', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('the newest drawing wins: the one before is withdrawn, its late answer ignored', async () => {
    const { phone, flights, states, last } = setUp()
    phone.ask(picture(1))
    phone.ask(picture(2))
    expect(flights.map(({ signal }) => signal.aborted)).toEqual([true, false])
    await flights[0]?.land(ANSWER as Reply<never>)
    expect(states.at(-1)).toEqual({ kind: 'asking' })
    await last().land(ANSWER as Reply<never>)
    expect(states.at(-1)).toMatchObject({ kind: 'answered', revision: 2 })
  })

  test('with nobody there it tries again after 1, 2, 4, 8 and then every 15 s, then answers the newest drawing', async () => {
    const { phone, flights, states, last } = setUp()
    vi.spyOn(Math, 'random').mockReturnValue(0)
    phone.ask(picture(1))
    for (const [tries, pause] of [1000, 2000, 4000, 8000, 15_000, 15_000].entries()) {
      await last().land(AWAY)
      expect(states.at(-1)).toEqual({ kind: 'away' })
      await vi.advanceTimersByTimeAsync(pause - 1)
      expect(flights).toHaveLength(tries + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(flights).toHaveLength(tries + 2)
    }
    await last().land(ANSWER as Reply<never>)
    expect(states.at(-1)).toMatchObject({ kind: 'answered', revision: 1 })
    vi.restoreAllMocks()
  })

  test.each([
    429, 503,
  ])('after %i nothing is sent before Retry-After has passed, then the newest drawing', async (status) => {
    const { phone, flights, states, last } = setUp()
    phone.ask(picture(1))
    await last().land({ kind: 'refused', status, code: 'wait', detail: '', retryAfter: 12 })
    expect(states.at(-1)).toEqual({ kind: 'paused', status, seconds: 12 })
    phone.ask(picture(2))
    phone.wake()
    await vi.advanceTimersByTimeAsync(11_900)
    expect(flights).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(flights).toHaveLength(2)
    expect(await (last().body as Blob).text()).toBe('2')
  })

  test('a refused drawing is not sent again', async () => {
    const { phone, flights, states, last } = setUp()
    phone.ask(picture(1))
    await last().land({ kind: 'refused', status: 422, code: 'blank_image', detail: 'no ink' })
    expect(states.at(-1)).toMatchObject({ kind: 'refused', code: 'blank_image' })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(flights.filter(({ body }) => body !== 'system')).toHaveLength(1)
  })

  test('an idle phone is looked at every 20 s, and found to be away and back', async () => {
    const { phone, states, last } = setUp()
    phone.wake()
    await last().land(SYSTEM as Reply<never>)
    expect(states.at(-1)).toEqual({ kind: 'ready' })
    await vi.advanceTimersByTimeAsync(20_000)
    await last().land(AWAY)
    expect(states.at(-1)).toEqual({ kind: 'away' })
    await vi.advanceTimersByTimeAsync(1000)
    await last().land(SYSTEM as Reply<never>)
    expect(states.at(-1)).toEqual({ kind: 'ready' })
  })

  test('an answer stays on show while the phone is looked at', async () => {
    const { phone, states, last } = setUp()
    phone.ask(picture(1))
    await last().land(ANSWER as Reply<never>)
    await vi.advanceTimersByTimeAsync(3000)
    expect(last().body).toBe('system')
    await last().land(SYSTEM as Reply<never>)
    expect(states.at(-1)).toMatchObject({ kind: 'answered' })
  })

  test('clearing withdraws the question; while the phone is away it goes on being looked for', async () => {
    const { phone, flights, states, last } = setUp()
    phone.ask(picture(1))
    phone.clear()
    expect(flights[0]?.signal.aborted).toBe(true)
    expect(states.at(-1)).toEqual({ kind: 'ready' })

    phone.ask(picture(2))
    await last().land(AWAY)
    phone.clear()
    expect(states.at(-1)).toEqual({ kind: 'away' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(last().body).toBe('system')
  })

  test('an error of the phone is told as such and tried again', async () => {
    const { phone, flights, states, last } = setUp()
    phone.ask(picture(1))
    await last().land({ kind: 'refused', status: 500, code: 'bug', detail: '' })
    expect(states.at(-1)).toMatchObject({ kind: 'troubled', status: 500 })
    await vi.advanceTimersByTimeAsync(1000)
    expect(flights).toHaveLength(2)
  })
})
