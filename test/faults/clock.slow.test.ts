/** A server whose clock of the day jumps by years both ways, while it runs and between two starts. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CorrectionResponse, PredictResponse } from '../../core/protocol.ts'
import {
  type Connection,
  correctionOf,
  listCorrections,
  sleep,
  trainingOf,
  untilIdle,
  versionsOf,
} from './connection.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { habits } from './habits.ts'
import { newFolder, type Subject, startSubject } from './server-under-test.ts'

const MODEL = 'softmax'
const PER_HOUR = 10 // corrections of a client network

/** A clock that can be set. */
function newClock() {
  const file = join(newFolder('clock'), 'offset')
  return {
    file,
    set: (year: number | 'right') =>
      writeFileSync(file, year === 'right' ? '0' : String(Date.UTC(year, 0, 1, 12) - Date.now())),
  }
}

function start(state: string, clock: string, env = {}): Subject {
  const settings = { INKLING_RATE_LIMIT: '1000', INKLING_MODEL: MODEL, INKLING_LEARNING: 'off' }
  return startSubject(state, { ...habits([], clock), ...settings, ...env })
}

let number = 0 // of the next drawing

/** Sends a correction, and gives the status and, of a refusal, the time to wait in hours. */
async function teach(on: Connection): Promise<string> {
  const { png, label } = smallDrawing(number++)
  const { status, headers } = await on.send('POST', '/api/v1/corrections', correctionOf(png, label, MODEL))
  const wait = Number(headers['retry-after'] ?? 0) / 3600
  return status === 201 ? '201' : `${status} after ${wait > 0 && wait <= 1 ? 'at most an hour' : `${wait} hours`}`
}

async function teachAll(on: Connection, count: number): Promise<string[]> {
  const statuses: string[] = []
  for (let k = 0; k < count; k++) statuses.push(await teach(on))
  return statuses
}

/** Number of the last event of learning. */
async function lastEvent(subject: Subject): Promise<number> {
  const [url] = /http:\/\/localhost:\d+/.exec(subject.output()) ?? []
  const { body } = await fetch(`${url}/api/v1/training/events`)
  let text = ''
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (/^id: \d+\n/m.test(text)) break // which cancels the stream
  }
  return Number(/^id: (\d+)$/m.exec(text)?.[1])
}

const SPENT = Array.from({ length: PER_HOUR + 1 }, (_, k) => (k < PER_HOUR ? '201' : '429 after at most an hour'))

describe('a clock that jumps by years', () => {
  it('while the server runs, and between two starts, gives no client network its quota again, and lets nobody wait for longer than usual', async () => {
    const clock = newClock()
    const state = newFolder('clock')
    let subject = start(state, clock.file)
    await subject.ready
    expect(await teachAll(subject.connect('127.0.5.1'), PER_HOUR + 1)).toEqual(SPENT)
    for (const year of [2040, 1970, 'right', 1971, 2041] as const) {
      clock.set(year)
      expect([year, await teachAll(subject.connect('127.0.5.1'), 2)]).toEqual([year, Array(2).fill(SPENT[PER_HOUR])])
      // the machine stays on: then it knows how much time has gone by, whatever its clock of the day says
      expect(await subject.end(year === 1971 ? 'SIGKILL' : 'SIGTERM')).toBe(year === 1971 ? 'SIGKILL' : 0)
      clock.set(year === 1970 ? 2040 : 1970)
      subject = start(state, clock.file)
      await subject.ready
      expect([year, await teachAll(subject.connect('127.0.5.1'), 2)]).toEqual([year, Array(2).fill(SPENT[PER_HOUR])])
      expect(await teach(subject.connect(`127.0.6.${number % 200}`))).toBe('201')
    }
    expect(await subject.end('SIGTERM')).toBe(0)
  })

  it.each([
    ['right', 1970],
    ['right', 2040],
    [2040, 1970],
    [1970, 'right'],
  ] as const)('from %s to %s forgets no prediction, no key and no owner', async (before, after) => {
    const clock = newClock()
    clock.set(before)
    const state = newFolder('clock')
    const subject = start(state, clock.file)
    await subject.ready
    const on = subject.connect('127.0.5.2')
    const drawing = smallDrawing(number++)
    const send = (connection: Connection) =>
      connection.send('POST', '/api/v1/corrections', correctionOf(drawing.png, drawing.label, MODEL), {
        'idempotency-key': 'the-same',
      })
    const first = JSON.parse((await send(on)).body.toString('utf8')) as CorrectionResponse
    const { id: predictionId } = await on.json<PredictResponse>('POST', '/api/v1/predict', STROKES[3])

    clock.set(after)
    await on.json('POST', '/api/v1/predict', STROKES[4])
    const { id } = await on.json<CorrectionResponse>('POST', '/api/v1/corrections', { predictionId, label: 7 })
    expect(JSON.parse((await send(on)).body.toString('utf8'))).toMatchObject({ id: first.id })
    const listed = await listCorrections(subject.owner())
    expect(listed.map((one) => one.id)).toEqual([first.id, id])
    const year = (one: (typeof listed)[number]) => new Date(one.at).getUTCFullYear()
    const named = (name: number | 'right') => (name === 'right' ? new Date().getUTCFullYear() : name)
    expect(listed.map(year)).toEqual([named(before), named(after)])
    expect(await subject.end('SIGTERM')).toBe(0)

    const again = start(state, clock.file)
    await again.ready
    expect(JSON.parse((await send(again.connect('127.0.5.2'))).body.toString('utf8'))).toMatchObject({ id: first.id })
    expect(await teach(again.connect('127.0.5.3'))).toBe('201')
    expect(await again.end('SIGKILL')).toBe('SIGKILL')
    const third = start(state, clock.file)
    await third.ready
    expect(await third.end('SIGTERM')).toBe(0)
  })

  it('during a round, and before each start, disturbs no learning; events are numbered upwards all the same', async () => {
    const clock = newClock()
    const state = newFolder('clock')
    const ids: number[] = []
    let versions = 1
    for (const [at, then] of [
      ['right', 1970],
      [1970, 2040],
      [2040, 1970],
    ] as const) {
      clock.set(at)
      const subject = start(state, clock.file, { INKLING_LEARNING: 'always' })
      await subject.ready
      const owner = subject.owner()
      const { png, label } = smallDrawing(number++)
      await owner.json('POST', '/api/v1/corrections', correctionOf(png, label, MODEL))
      while ((await trainingOf(owner)).state === 'idle') await sleep(5)
      clock.set(then)
      const { rounds } = await untilIdle(owner)
      expect(rounds[0].verdict).not.toBe('failed')
      expect(rounds[0].seconds).toBeLessThan(120)
      ids.push(await lastEvent(subject))
      versions = Math.max(versions, (await versionsOf(owner, MODEL)).served)
      expect(await subject.end('SIGTERM')).toBe(0)
    }
    expect(versions).toBeGreaterThan(1)
    expect(ids[0]).toBeGreaterThan(0)
    expect(ids[1]).toBeGreaterThan(ids[0])
    expect(ids[2]).toBeGreaterThan(ids[1])
  })
})
