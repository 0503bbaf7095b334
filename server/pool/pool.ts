/**
 * Decoding, preprocessing and inference on other threads, so that this one is left to HTTP, store and events. The order of the work,
 * quotas and limits are those of the queue, whose pieces these are.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { release } from '../../core/data/release.ts'
import { InputError, type RefusalStatus } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import type { ModelSource } from '../../core/models/source.ts'
import { type Keepsake, ownBytes } from '../corrections/keepsake.ts'
import { furtherTokens } from '../http/bodies/decoding.ts'
import { isPicture } from '../http/bodies/picture-size.ts'
import { LARGE } from '../http/limits/body.ts'
import type { Steps } from '../http/limits/pieces.ts'
import type { DrawingReply, DrawingRequest, Pool } from './contract.ts'
import { createCrew, type Replied } from './crew.ts'
import type { ReadDrawing, Said, TaskReply } from './messages.ts'
import { createResidents } from './residents.ts'

export interface PoolOptions {
  readonly workers: number // at least 1
  readonly backend: BackendFactory
  readonly source: ModelSource
  readonly now: () => number // monotonic clock, ms
  readonly warn: (message: string) => void
}

export function createPool({ workers, backend: { name, module }, source, now, warn }: PoolOptions): Pool {
  const crew = createCrew(new URL('./thread.ts', import.meta.url), workers, { backend: name, module }, warn)
  const residents = createResidents(source, now, crew.threads, (key) => crew.tell({ type: 'forget', key }))

  function read({ contentType, body, cards, charge }: DrawingRequest): Steps<DrawingReply> {
    let [paid, last]: [number, Replied | undefined] = [0, undefined]
    let asked: { readonly card: Card; readonly key: number }[] = []

    const pay = (tokens: number) => {
      if (tokens <= paid) return
      charge(tokens - paid)
      paid = tokens
    }

    async function first(): Promise<Replied> {
      if (isPicture(body)) pay(furtherTokens(body))
      asked = cards().flatMap((card) => {
        const key = residents.keyOf(card)
        return key === undefined ? [] : [{ card, key }]
      })
      const sent = ownBytes(body)
      const large = body.length > LARGE
      const reply = crew.ask(
        (thread) => {
          const models = asked.map(({ key }) => residents.forThread(key, thread))
          return { type: 'read', contentType, body: sent, paid, models }
        },
        large ? (sent.buffer as ArrayBuffer) : undefined,
      )
      if (large && sent !== body) release(body) // it was a part of its memory, and what was sent is a copy
      return reply
    }

    // Of a picture in a form or in base64, whose size shows only there.
    async function paidFor(owing: Replied, tokens: number): Promise<Replied> {
      try {
        pay(tokens)
      } catch (error) {
        crew.tell({ type: 'drop' }, owing)
        throw error
      }
      return crew.askAgain(owing, { type: 'next' })
    }

    async function away(): Promise<IteratorResult<void, DrawingReply>> {
      last = await (last ? crew.askAgain(last, { type: 'next' }) : first())
      while (last.reply.type === 'owes') last = await paidFor(last, last.reply.tokens)
      const reply = checked(last.reply)
      if (reply.type !== 'read') return { done: false, value: undefined }
      const { keepsake, said, ...drawing } = reply.drawing
      const byCard = new Map<Card, Said>()
      for (const [k, one] of said.entries()) if (one) byCard.set(asked[k].card, one)
      return { done: true, value: { ...drawing, keepsake: keepsakeIn(keepsake, body), said: byCard } }
    }

    return {
      piece: () => ({ away }),
      drop: () => last && crew.tell({ type: 'drop' }, last),
    }
  }

  return {
    workers,
    ready: crew.ready,
    read,
    async sample(card, input, first, count) {
      const key = residents.keyOf(card)
      if (key === undefined) return undefined
      const { reply } = await crew.ask((thread) => {
        return { type: 'sample', model: residents.forThread(key, thread), input, first, count }
      })
      const done = checked(reply)
      return done.type === 'scores' && done.scores.length > 0 ? done : undefined
    },
    close: crew.close,
  }
}

function keepsakeIn(keepsake: ReadDrawing['keepsake'], body: Uint8Array): Keepsake {
  if (typeof keepsake !== 'string') return keepsake
  return keepsake === 'png' ? { png: ownBytes(body) } : { json: ownBytes(body) }
}

/** @throws what the worker was refused or failed with */
function checked(reply: TaskReply): TaskReply {
  if (reply.type === 'refused') throw new InputError(reply.status as RefusalStatus, reply.code, reply.message)
  if (reply.type === 'failed') throw new Error(reply.reason)
  return reply
}
