/** What the owner decides: /api/v1/corrections/{id}/picture and /approve, /api/v1/corrections/approve, /api/v1/senders. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import type {
  ApproveResponse,
  SenderStanding,
  SenderSummary,
  SendersResponse,
} from '../../../core/learning/decisions.ts'
import { UUID } from '../../corrections/request.ts'
import { answer, answerJson } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { readFields } from './training.ts'

const CORRECTIONS = '/api/v1/corrections'
const SENDERS = '/api/v1/senders'
const STANDINGS: readonly SenderStanding[] = ['none', 'trusted', 'blocked']

export function decisionRoutes(
  { corrections: { decisions }, owner, learning }: Deps,
  admission: Admission,
): Hono<{ Bindings: Client }> {
  /** Does what changes whose corrections count. */
  async function decide<Result>(address: string, work: () => Result): Promise<Result> {
    const result = await admission.enqueue(address, work)
    learning.notice()
    return result
  }

  return new Hono<{ Bindings: Client }>()
    .get(`${CORRECTIONS}/:id/picture`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const id = readId(c.req.param('id'))
      const png = await admission.enqueue(c.env.address, () => decisions.picture(id))
      return answer(png, { 'Content-Type': 'image/png' })
    })
    .post(`${CORRECTIONS}/:id/approve`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const id = readId(c.req.param('id'))
      await readFields(c.req.raw, [])
      const approved = Number(await decide(c.env.address, () => decisions.approve(id)))
      return answerJson({ approved } satisfies ApproveResponse)
    })
    .post(`${CORRECTIONS}/approve`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const { from } = await readFields(c.req.raw, ['from'])
      const number = from === undefined ? undefined : readNumber(from)
      const approved = await decide(c.env.address, () => decisions.approveHeld(number))
      return answerJson({ approved } satisfies ApproveResponse)
    })
    .get(SENDERS, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const senders = await admission.enqueue(c.env.address, () => decisions.senders())
      return answerJson({ senders } satisfies SendersResponse)
    })
    .put(`${SENDERS}/:number`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const number = readNumber(Number(c.req.param('number')))
      const { standing } = await readFields(c.req.raw, ['standing'])
      const chosen = STANDINGS.find((one) => one === standing)
      if (!chosen) throw new InputError(422, 'bad_standing', `standing must be one of ${STANDINGS.join(', ')}`)
      const sender = await decide(c.env.address, () => decisions.setStanding(number, chosen))
      return answerJson(sender satisfies SenderSummary)
    })
}

function readId(text: string): string {
  if (UUID.test(text)) return text
  throw new InputError(404, 'unknown_correction', 'that is no id of a correction')
}

function readNumber(value: unknown): number {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value)
  throw new InputError(422, 'bad_sender', 'a sender is a whole number from 1')
}
