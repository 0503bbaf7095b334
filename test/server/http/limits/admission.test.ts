/** Quick refusals of clients that ask again too early, with a clock and an event loop that the test drives. */

import { expect, it } from 'vitest'
import { createAdmission } from '../../../../server/http/limits/admission.ts'
import { BusyError } from '../../../../server/http/problem.ts'

const [ANNA, BEN] = ['192.168.1.20', '192.168.1.21']

function gate(ratePerMinute: number) {
  const state = { time: 0, deferred: [] as (() => void)[] }
  const admission = createAdmission({
    ratePerMinute,
    now: () => state.time,
    defer: (task) => state.deferred.push(task),
  })
  const fill = (pieces: number) => {
    for (let k = 0; k < pieces; k++) admission.enqueue(BEN, () => {}).catch(() => {})
  }
  const turn = () => {
    for (const task of state.deferred.splice(0)) task()
  }
  return { state, admission, fill, turn }
}

it('a client that was not refused, or waited as long as it was told, is not refused quickly', () => {
  const { state, admission, fill } = gate(Infinity)
  fill(17)
  expect(admission.refuseEarly(BEN, false)).toBe(undefined)
  admission.refused(BEN, new BusyError(503, 'busy', ''))
  expect(admission.refuseEarly(BEN, false)).toMatchObject({ status: 503, code: 'busy', retryAfter: 1 })
  expect(admission.refuseEarly(ANNA, false)).toBe(undefined)
  state.time = 1000
  expect(admission.refuseEarly(BEN, false)).toBe(undefined)
})

it('one that comes back too early gets what is free, on the same connection only where less than half of the queue is taken', () => {
  const { admission, fill, turn } = gate(Infinity)
  admission.refused(ANNA, new BusyError(503, 'busy', ''))
  fill(9)
  expect(admission.refuseEarly(ANNA, false)).toBe(undefined)
  expect(admission.refuseEarly(ANNA, true)).toMatchObject({ status: 503 })
  turn()
  expect(admission.refuseEarly(ANNA, true)).toBe(undefined)
})

it('a quick refusal costs a prediction where the queue is full, and is 429 once the quota is used up', () => {
  const { admission, fill } = gate(6)
  admission.refused(BEN, new BusyError(503, 'busy', ''))
  fill(17)
  const statuses = [1, 2, 3].map(() => admission.refuseEarly(BEN, false)?.status)
  expect(statuses).toEqual([503, 503, 429])
})
