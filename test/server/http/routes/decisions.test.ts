/** The routes by which the owner decides about corrections and who sent them. */

import { describe, expect, it } from 'vitest'
import type { SendersResponse } from '../../../../core/learning/decisions.ts'
import type { CorrectionsResponse } from '../../../../core/protocol.ts'
import { correctingApp, givenCorrection, OWNER, refusal } from '../../corrections/corrections.ts'
import { markHeld } from '../../store/held.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'
const [ANN, BEN] = ['10.0.0.1', '10.0.1.1']

/** An application with three corrections, two of Ann and one of Ben, that the last round held back. */
function heldApp() {
  const app = correctingApp({ quotas: false })
  const give = (seed: number, address: string, fromOwner = false) =>
    app.store.corrections.keep(givenCorrection(seed, { address, fromOwner })).response.id
  const ids = [give(1, ANN), give(2, ANN), give(3, BEN)]
  markHeld(app.store.database, [1, 2, 3])
  const send = (method: string, path: string, body?: object, headers: Record<string, string> = OWNER) =>
    app.request(path, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const json = async <Body>(method: string, path: string, body?: object) => {
    const response = await send(method, path, body)
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return (await response.json()) as Body
  }
  const list = async (query = '') => (await json<CorrectionsResponse>('GET', `/api/v1/corrections${query}`)).corrections
  const senders = async () => (await json<SendersResponse>('GET', '/api/v1/senders')).senders
  return { ...app, give, ids, send, json, list, senders }
}

it('what is held back is listed with who sent it, and its picture is the PNG that is stored', async () => {
  const { list, ids, send, give } = heldApp()
  give(4, BEN)
  give(5, BEN, true)
  expect((await list()).map(({ use, held, from }) => [use, held, from])).toEqual([
    ['waiting', false, undefined],
    ['waiting', false, 2],
    ['held', true, 2],
    ['held', true, 1],
    ['held', true, 1],
  ])
  expect((await list('?use=held')).map(({ id }) => id)).toEqual([...ids].reverse())
  const picture = await send('GET', `/api/v1/corrections/${ids[1]}/picture`)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(picture.headers.get('cache-control')).toBe('no-store')
  expect(new Uint8Array(await picture.arrayBuffer())).toEqual(Uint8Array.of(2, 2, 3))
})

describe('approving', () => {
  it('one has it count as the owner’s and tells the learner, once', async () => {
    const { json, list, ids, state } = heldApp()
    const path = `/api/v1/corrections/${ids[0]}/approve`
    expect(await json('POST', path)).toEqual({ approved: 1 })
    expect(await json('POST', path)).toEqual({ approved: 0 })
    expect(state.notices).toBe(2)
    expect((await list()).map(({ use, approved }) => [use, approved])).toEqual([
      ['held', false],
      ['held', false],
      ['waiting', true],
    ])
  })

  it('all that a sender has held back, or all that everybody has', async () => {
    const { json, list } = heldApp()
    expect(await json('POST', '/api/v1/corrections/approve', { from: 1 })).toEqual({ approved: 2 })
    expect((await list('?use=held')).map(({ from }) => from)).toEqual([2])
    expect(await json('POST', '/api/v1/corrections/approve')).toEqual({ approved: 1 })
    expect(await list('?use=held')).toEqual([])
  })
})

describe('a sender', () => {
  it('is listed with what it sent, most held back first', async () => {
    const { senders, json } = heldApp()
    const row = { standing: 'none', learned: 0, implausible: 0, latest: '2027-01-15T08:00:00.000Z' }
    expect(await senders()).toEqual([
      { ...row, number: 1, corrections: 2, held: 2 },
      { ...row, number: 2, corrections: 1, held: 1 },
    ])
    await json('POST', '/api/v1/corrections/approve', { from: 1 })
    expect((await senders()).map(({ number, held }) => [number, held])).toEqual([
      [2, 1],
      [1, 0],
    ])
  })

  it('that is blocked is refused with words, and what it sent is not approved; unblocked, it is', async () => {
    const { json, send, ids, ask, post, senders, list, state } = heldApp()
    expect(await json('PUT', '/api/v1/senders/1', { standing: 'blocked' })).toMatchObject({
      standing: 'blocked',
      held: 0,
    })
    expect(state.notices).toBe(1)
    expect(await refusal(send('POST', `/api/v1/corrections/${ids[0]}/approve`))).toBe('409 sender_blocked')
    expect(await json('POST', '/api/v1/corrections/approve')).toEqual({ approved: 1 })
    expect((await list('?use=implausible')).map(({ from }) => from)).toEqual([1, 1])
    const { id, digit } = await ask()
    await json('PUT', '/api/v1/senders/2', { standing: 'trusted' })
    expect((await senders()).map(({ standing }) => standing)).toEqual(['blocked', 'trusted'])
    await json('PUT', '/api/v1/senders/1', { standing: 'none' })
    expect(await json('POST', `/api/v1/corrections/${ids[0]}/approve`)).toEqual({ approved: 1 })
    const taught = await post({ predictionId: id, label: (digit + 1) % 10 })
    expect(taught.status).toBe(201)
    const [{ from }] = await list()
    await json('PUT', `/api/v1/senders/${from}`, { standing: 'blocked' })
    const again = await ask()
    expect(await refusal(post({ predictionId: again.id, label: 9 }))).toBe('403 sender_blocked')
  })
})

describe('what is refused', () => {
  const app = heldApp()
  it.each<[string, string, object | undefined, string]>([
    ['GET', `/api/v1/corrections/${NOBODY}/picture`, undefined, '404 unknown_correction'],
    ['GET', '/api/v1/corrections/x/picture', undefined, '404 unknown_correction'],
    ['POST', `/api/v1/corrections/${NOBODY}/approve`, undefined, '404 unknown_correction'],
    ['POST', '/api/v1/corrections/x/approve', undefined, '404 unknown_correction'],
    ['POST', `/api/v1/corrections/${NOBODY}/approve`, { from: 1 }, '422 bad_field'],
    ['POST', '/api/v1/corrections/approve', { from: 99 }, '404 unknown_sender'],
    ['POST', '/api/v1/corrections/approve', { from: '1' }, '422 bad_sender'],
    ['POST', '/api/v1/corrections/approve', { form: 1 }, '422 bad_field'],
    ['PUT', '/api/v1/senders/99', { standing: 'trusted' }, '404 unknown_sender'],
    ['PUT', '/api/v1/senders/x', { standing: 'trusted' }, '422 bad_sender'],
    ['PUT', '/api/v1/senders/1', { standing: '' }, '422 bad_standing'],
    ['PUT', '/api/v1/senders/1', undefined, '422 bad_standing'],
    ['PUT', '/api/v1/senders/1', { standing: 'trusted', number: 2 }, '422 bad_field'],
    ['DELETE', '/api/v1/senders/1', undefined, '405 method_not_allowed'],
    ['GET', '/api/v1/corrections?use=heldback', undefined, '422 bad_use'],
  ])('%s %s %j', async (method, path, body, expected) => {
    expect(await refusal(app.send(method, path, body))).toBe(expected)
  })

  it.each<[string, string]>([
    ['GET', `/api/v1/corrections/${NOBODY}/picture`],
    ['POST', `/api/v1/corrections/${NOBODY}/approve`],
    ['POST', '/api/v1/corrections/approve'],
    ['GET', '/api/v1/senders'],
    ['PUT', '/api/v1/senders/1'],
    ['POST', '/api/v1/models/softmax/resume'],
  ])('%s %s without the token', async (method, path) => {
    expect(await refusal(app.send(method, path, undefined, {}))).toBe('401 unauthorized')
  })
})
