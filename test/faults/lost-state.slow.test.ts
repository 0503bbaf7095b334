/** A server whose state folder is deleted, replaced and cut under it, while it learns: no restart is needed, and no answer is a 500. */

import { cpSync, existsSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { correctionOf, listCorrections, sleep, untilIdle } from './connection.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

const PATHS = ['models', 'training', 'corrections', 'models/softmax/versions', 'models/softmax/weights', 'system']

test('a server whose state folder is deleted, replaced or cut goes on, and has what it acknowledged since', async () => {
  const folder = newFolder('lost')
  const [state, backup] = [join(folder, 'state'), join(folder, 'backup')]
  const settings = { INKLING_MODEL: 'softmax' }
  const subject = startSubject(state, settings)
  await subject.ready
  const owner = subject.owner()
  let [number, wrong] = [0, 0]
  const teach = async () => {
    const { png, label } = smallDrawing(number++)
    const { status, body } = await owner.send('POST', '/api/v1/corrections', correctionOf(png, label, 'softmax'))
    const answer = JSON.parse(String(body)) as { id: string; code: string }
    return status === 201 ? answer.id : `${status} ${answer.code}`
  }
  /** Whoever asks first after the change is refused: this may be somebody who reads, or learning itself. */
  const teachAgain = async () => {
    const first = await teach()
    if (first.length === 36) return first
    expect(first).toBe('503 storage_failed')
    const second = await teach()
    expect(second).toHaveLength(36)
    return second
  }
  const askAll = async () => {
    for (const path of PATHS) {
      const { status } = await owner.send('GET', `/api/v1/${path}`)
      if (status !== 200 && status !== 503) wrong++
    }
    const { status } = await owner.send('POST', '/api/v1/predict', STROKES[1])
    if (status !== 200) wrong++
  }
  const ids = async () => new Set((await listCorrections(owner)).map(({ id }) => id))

  for (let k = 0; k < 2; k++) expect(await teach()).toHaveLength(36)
  await untilIdle(owner)
  const before = await ids()
  cpSync(state, backup, { recursive: true })

  expect(await teach()).toHaveLength(36)
  await sleep(350) // its round has begun
  rmSync(state, { recursive: true })
  await askAll()
  const afterwards = await teachAgain()
  await untilIdle(owner)
  expect(await ids()).toEqual(new Set([afterwards]))

  rmSync(state, { recursive: true })
  cpSync(backup, state, { recursive: true })
  const restored = await teachAgain()
  await untilIdle(owner)
  expect(await ids()).toEqual(new Set([...before, restored]))

  cpSync(state, `${backup}-2`, { recursive: true })
  truncateSync(join(state, 'store.db'), 0)
  expect(await teach()).toBe('503 store_broken')
  await askAll()
  for (const part of ['store.db', 'store.db-wal']) {
    if (existsSync(join(`${backup}-2`, part))) cpSync(join(`${backup}-2`, part), join(state, part))
  }
  await askAll()
  const mended = await teachAgain()
  await untilIdle(owner)
  expect(wrong).toBe(0)
  expect(await subject.end('SIGTERM')).toBe(0)
  expect(subject.output()).toContain('the store was deleted while the server ran: a new one is made')
  expect(subject.output()).toContain('the store was replaced while the server ran')
  expect(subject.output()).toContain('store_broken: it was cut while the server ran')

  const again = startSubject(state, settings)
  await again.ready
  const kept = new Set((await listCorrections(again.owner())).map(({ id }) => id))
  expect(kept).toEqual(new Set([...before, restored, mended]))
  await again.end('SIGTERM')
}, 240_000)
