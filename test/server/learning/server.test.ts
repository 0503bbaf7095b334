/** Learning in a server and from the command line, from a correction to the version that answers everyone. */

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { PredictResponse, Strokes } from '../../../core/protocol.ts'
import { otherDrawing } from '../../../core/synthetic/others.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { copyOfTaught, LABELS, run, serve, weights } from './learning-server.ts'
import { newFolder } from './state.ts'

/** A generated drawing of no digit. */
const shape = (number: number): Strokes => otherDrawing(5, number).strokes

describe('a server', () => {
  it('learns from a correction over HTTP, and reports it to listeners', async () => {
    const server = await serve(newFolder('state'))
    const stream = await fetch(`${server.url}/api/v1/training/events`)
    const { id } = await server.predict(3)
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const body = JSON.stringify({ predictionId: id, label: 3 })
    expect((await fetch(`${server.url}/api/v1/corrections`, { ...init, body })).status).toBe(201)
    let text = ''
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) {
      text += new TextDecoder().decode(chunk)
      if (/event: finished/.test(text)) break
    }
    expect([...text.matchAll(/event: (correction|started|finished)/g)].map(([, type]) => type)).toEqual([
      'correction',
      'started',
      'finished',
    ])
  })

  it('learns that a shape is no digit, with a shipped model', async () => {
    const server = await serve(newFolder('state'), { INKLING_WEIGHTS: SHIPPED_MODELS, INKLING_MODEL: 'cnn-small' })
    const post = async <Body>(path: string, body: object) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      return (await (await fetch(`${server.url}${path}`, init)).json()) as Body
    }
    const predict = (strokes: Strokes) => post<PredictResponse>('/api/v1/predict', { strokes })
    let number = 0
    let answer = await predict(shape(number))
    while (answer.verdict !== 'digit') answer = await predict(shape(++number)) // the first that it takes for a digit
    await post('/api/v1/corrections', { predictionId: answer.id, label: 'not-a-digit' })
    while ((await predict(shape(number))).version === 1) await sleep(100)
    expect((await predict(shape(number))).verdict).not.toBe('digit')
    await server.stop()
  })

  it('with --learning off serves the shipped model, and keeps corrections', async () => {
    const server = await serve(copyOfTaught(), { INKLING_LEARNING: 'off' })
    const off = { state: 'off', reason: 'learning is switched off', corrections: LABELS.length, waiting: LABELS.length }
    expect(await server.get('/api/v1/training')).toMatchObject(off)
    await sleep(500)
    expect((await server.predict(3)).version).toBe(1)
    await server.stop()
  })
})

describe('the command line', () => {
  it('learns, lists versions and serves an earlier one, one process at a time', async () => {
    const state = copyOfTaught()
    const where = ['--state', state, '--weights', weights]
    const learned = await run(['learn', ...where])
    expect(learned).toMatchObject({ code: 0 })
    expect(learned.stdout).toMatch(/^softmax: promoted as version 2: .*; \d+ drawings learned from, \d+ implausible/)
    expect((await run(['learn', ...where])).stdout).toMatch(/^softmax: unchanged: it comes to the version/)
    expect((await run(['models', ...where])).stdout).toMatch(
      /^softmax +version 2 .* gate \d+\.\d\d % -> \d+\.\d\d %\n$/,
    )
    expect((await run(['models', 'rollback', 'softmax', ...where])).stdout).toMatch(
      /^\* +1 .* served\nsince the rollback .*; 20 are held back\n$/m,
    )
    expect((await run(['models', 'rollback', 'softmax', '2', ...where])).stdout).toMatch(/^\* +2 .* served/m)
    expect(await run(['models', 'rollback', 'softmax', '9', ...where])).toMatchObject({ code: 1 })
    expect(await run(['models', 'rollback', 'softmax', 'x', ...where])).toMatchObject({ code: 2 })
    expect((await run(['models', 'resume', 'softmax', ...where])).stdout).not.toContain('held back')
    const server = await serve(state)
    for (const words of [['learn'], ['models', 'rollback', 'softmax'], ['models', 'resume', 'softmax']]) {
      const { code, stderr } = await run([...words, ...where])
      expect(code).toBe(1)
      expect(stderr).toContain('already_running')
    }
    expect((await run(['models', 'versions', 'softmax', ...where])).stdout).toMatch(/^\* +2 /)
    await server.stop()
  })

  it('learns nothing without corrections', async () => {
    const { code, stderr } = await run(['learn', '--state', newFolder('empty'), '--weights', weights])
    expect(code).toBe(1)
    expect(stderr).toBe('inkling: there are no corrections yet\n')
  })
})
