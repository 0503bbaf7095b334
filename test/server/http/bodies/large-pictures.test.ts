/** Large pictures on a running server: answered from any body, few at a time, and of a correction only a small one is kept. */

import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOT_A_DIGIT } from '../../../../core/learning/round.ts'
import type { PredictResponse } from '../../../../core/protocol.ts'
import { tiffOf } from '../../../core/picture/tiff.ts'
import { correctingApp, correctionOf } from '../../corrections/corrections.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { testApp } from '../application.ts'
import { dial, send, type Wire } from '../wire.ts'
import { photoJpeg, photoPng } from './photos.ts'

const PHOTO = photoJpeg(2016, 1512)
const HEAVY = photoPng(1600, 1200, 1) // bytes: over 256 KiB

describe('a large picture', () => {
  it('of 3 MP is answered as JPEG and PNG, as bytes, form and base64, also by all models', async () => {
    const { predict } = testApp()
    for (const picture of [PHOTO, HEAVY]) {
      const form = new FormData()
      form.set('photo', new Blob([picture]), 'photo')
      const json = JSON.stringify({ image: `data:;base64,${Buffer.from(picture).toString('base64')}` })
      const bodies: [BodyInit, string?][] = [
        [picture, ''],
        [json, 'application/json'],
      ]
      const inputs = [await (await testApp().request('/api/v1/predict?input=1', { method: 'POST', body: form })).json()]
      for (const query of ['?input=1', '?input=1&model=all']) {
        for (const [body, type] of bodies) inputs.push(await (await predict(body, type, query)).json())
      }
      const all = inputs.map((answer) => (answer as PredictResponse).input)
      expect(all[0]).toHaveLength(784)
      for (const input of all) expect(input).toEqual(all[0])
    }
  })

  it('costs a prediction for each 1,048,576 px that are begun', async () => {
    const { request } = testApp({ ratePerMinute: 30 }) // 10 at once
    const ask = async (body: Uint8Array<ArrayBuffer>, address: string) =>
      (await request('/api/v1/predict', { method: 'POST', body }, address)).status
    const small = new Uint8Array(readFileSync('test/arm/fixtures/7-grey.png'))
    expect(await ask(PHOTO, '10.0.0.1')).toBe(200) // 2.9: three
    for (let k = 0; k < 7; k++) expect(await ask(small, '10.0.0.1')).toBe(200)
    expect(await ask(small, '10.0.0.1')).toBe(429)
    for (let k = 0; k < 8; k++) expect(await ask(small, '10.0.0.2')).toBe(200)
    expect(await ask(PHOTO, '10.0.0.2')).toBe(429)
  })
})

describe('of a large picture that is corrected', () => {
  const secret = 'GPSLatitude 48.2082'
  const exif = Buffer.concat([tiffOf({ order: 'II', value: 1 }), Buffer.from(secret)])

  it('a grey PNG of 256 px is stored, and nothing of where it was taken, in the store or in its export', async () => {
    const { ask, post, store } = correctingApp()
    const photo = photoJpeg(2016, 1512, exif)
    expect(Buffer.from(photo).includes(secret)).toBe(true)
    const { id: predictionId } = await ask(new Uint8Array(photo), 'image/jpeg')
    await correctionOf(post({ predictionId, label: 3 }), 201)
    await correctionOf(
      post({
        image: `data:;base64,${Buffer.from(photoJpeg(1200, 1600, exif)).toString('base64')}`,
        label: 'not-a-digit',
      }),
      201,
    )
    const rows = store.rows.whole(0, 9)
    expect(rows.map(({ label }) => label)).toEqual([3, NOT_A_DIGIT])
    for (const { png } of rows) {
      const { width, height } = PNG.sync.read(Buffer.from(png))
      expect([Math.max(width, height) <= 256, png.length < 66_000, Buffer.from(png).includes(secret)]).toEqual([
        true,
        true,
        false,
      ])
    }
    const pieces: Uint8Array[] = []
    for await (const piece of store.corrections.export('png', async () => {})) pieces.push(piece)
    expect(Buffer.concat(pieces).includes(secret)).toBe(false)
    store.close()
  })

  it('65,536 bytes are in memory, so that 100 photos leave the predictions of others there', async () => {
    const { ask, post } = correctingApp()
    const { id: first, digit } = await ask()
    for (let k = 0; k < 100; k++) await ask(new Uint8Array(PHOTO), 'image/jpeg')
    await correctionOf(post({ predictionId: first, label: digit }), 201)
  }, 60_000)
})

describe('of bodies over 256 KiB', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: '6000', INKLING_DATA: '/nonexistent' })
  })
  afterAll(() => server.stop())

  const head = (fields: string) =>
    `POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n${fields}\r\n\r\n`
  const whole = () => head(`Content-Length: ${HEAVY.length}`)

  /** Sends all of a body but its end. */
  async function hold(from: string, chunked = false): Promise<Wire> {
    const wire = await dial(server.port, from)
    const part = HEAVY.subarray(0, 300_000)
    if (chunked) wire.socket.write(`${head('Transfer-Encoding: chunked')}${part.length.toString(16)}\r\n`)
    else wire.socket.write(whole())
    wire.socket.write(part)
    return wire
  }

  it('four are read at once, two from one network; others wait for 3 s, then get 503; small ones are answered meanwhile', async () => {
    const held = await Promise.all([
      hold('127.0.0.2'),
      hold('127.0.0.2', true),
      hold('127.0.0.3'),
      hold('127.0.0.3', true),
    ])
    await new Promise((resolve) => setTimeout(resolve, 500))
    const late = await dial(server.port, '127.0.0.4')
    const started = performance.now()
    late.socket.write(whole())
    const small = readFileSync('test/arm/fixtures/7-grey.png')
    const answer = await send(server.port, Buffer.concat([Buffer.from(head(`Content-Length: ${small.length}`)), small]))
    expect(JSON.parse(answer.body).digit).toBe(7)
    expect(performance.now() - started).toBeLessThan(2500)
    await late.until(/^HTTP\/1.1 503 [\s\S]*retry-after: 2[\s\S]*"code":"busy"/i)
    expect(performance.now() - started).toBeGreaterThan(2500)
    for (const wire of [...held, late]) wire.socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 200))
    const next = await dial(server.port, '127.0.0.4')
    next.socket.write(whole())
    next.socket.write(HEAVY)
    await next.until(/"digit":7/)
    next.socket.destroy()
  }, 30_000)

  it('the third of one network waits until one of its own is done', async () => {
    const [first, second, third] = [
      await hold('127.0.0.5'),
      await hold('127.0.0.5'),
      await dial(server.port, '127.0.0.5'),
    ]
    await new Promise((resolve) => setTimeout(resolve, 200))
    third.socket.write(whole())
    third.socket.write(HEAVY)
    first.socket.write(HEAVY.subarray(300_000))
    await first.until(/"digit":7/)
    await third.until(/"digit":7/)
    for (const wire of [first, second, third]) wire.socket.destroy()
  }, 30_000)
})
