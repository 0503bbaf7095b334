/** The application with a pool of worker threads: the same answers and refusals as without, each by one version. */

import { setTimeout } from 'node:timers/promises'
import { PNG as PNGImage } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Card } from '../../../core/models/card.ts'
import type { ModelFiles, ModelSource } from '../../../core/models/source.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { SHIPPED_MODELS as SHIPPED } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import type { Pool } from '../../../server/pool/contract.ts'
import { createPool } from '../../../server/pool/pool.ts'
import { ONE, TYPESCRIPT, testApp } from '../http/application.ts'
import { loadDrawings } from '../http/load-drawings.ts'

const [PNG, JSON_TYPE] = ['image/png', 'application/json']

/** Starts the workers, and resolves when one of them can be asked. */
async function started(pool: Pool | undefined): Promise<Pool> {
  while (!pool?.ready(true)) await setTimeout(5)
  return pool
}

/** What must be the same with workers: all but the id and the times. */
async function said(response: Response): Promise<unknown> {
  const { id: _, timing: __, answers, ...rest } = (await response.json()) as Record<string, unknown>
  const timeless = (answers as { time?: number }[] | undefined)?.map(({ time: _, ...answer }) => answer)
  return { status: response.status, ...rest, ...(timeless && { answers: timeless }) }
}

function formOf(file: Buffer): FormData {
  const data = new FormData()
  data.set('image', new Blob([new Uint8Array(file)], { type: PNG }))
  return data
}

/** A PNG of more than a token's pixels and 256 KiB: a one on paper with some grain. */
function photograph(): Buffer {
  const png = new PNGImage({ width: 1480, height: 1480 })
  for (let p = 0, y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++, p += 4) {
      const ink = Math.abs(x - 740) < 60 && Math.abs(y - 740) < 500
      png.data.fill(ink ? 20 : 235 + ((x * 7919 + y * 104_729) % 13), p, p + 3)
      png.data[p + 3] = 255
    }
  }
  return PNGImage.sync.write(png, { colorType: 0, deflateLevel: 0 })
}

describe('a server with two workers', () => {
  const without = testApp({}, SHIPPED, { preferred: ['cnn'] })
  const having = testApp({}, SHIPPED, { preferred: ['cnn'], workers: 2 })
  beforeAll(async () => void (await started(having.pool)))
  afterAll(() => having.pool?.close())

  const drawings = loadDrawings()
  const [{ png, strokes }] = drawings
  const dataUrl = `data:image/png;base64,${png.toString('base64')}`
  const bodies: [what: string, body: () => BodyInit, type: string | undefined, query: string][] = [
    ['a PNG', () => new Uint8Array(png), PNG, '?input=1'],
    ['strokes', () => new Uint8Array(strokes), JSON_TYPE, '?input=1'],
    ['a data URL', () => JSON.stringify({ image: dataUrl }), JSON_TYPE, '?input=1'],
    ['a form', () => formOf(png), undefined, '?input=1'],
    ['a PNG for every model', () => new Uint8Array(png), PNG, '?model=all'],
    ['a PNG for 70 passes', () => new Uint8Array(png), PNG, '?samples=70'],
    ['a model that does not fit into a worker', () => new Uint8Array(png), PNG, '?model=forest'],
    ['a model that there is not', () => new Uint8Array(png), PNG, '?model=nobody'],
    ['passes of a model without dropout', () => new Uint8Array(png), PNG, '?model=softmax&samples=3'],
    ['too many passes', () => new Uint8Array(png), PNG, '?samples=1001'],
    ['half a PNG', () => new Uint8Array(png.subarray(0, png.length >> 1)), PNG, ''],
    ['an empty body', () => '', PNG, ''],
    ['a blank drawing', () => JSON.stringify({ pixels: Array(784).fill(0) }), JSON_TYPE, ''],
  ]
  const photo = photograph()
  bodies.push(
    ['a picture of 2.2 MP', () => new Uint8Array(photo), PNG, '?input=1'],
    ['it in base64', () => JSON.stringify({ image: photo.toString('base64') }), JSON_TYPE, '?input=1'],
    ['it in a form', () => formOf(photo), undefined, '?input=1'],
    ['it for every model', () => new Uint8Array(photo), PNG, '?model=all'],
  )
  for (const [what, body, type, query] of bodies) {
    it(`answers ${what} as one without`, async () => {
      const ask = ({ request }: typeof having) =>
        request(`/api/v1/predict${query}`, {
          method: 'POST',
          body: body(),
          ...(type !== undefined && { headers: { 'content-type': type } }),
        })
      expect(await said(await ask(having))).toEqual(await said(await ask(without)))
    })
  }

  it('answers 18 drawings at once, each with its own digit', async () => {
    const all = Array.from({ length: 18 }, async (_, k) => {
      const { digit, png, strokes } = drawings[k % drawings.length]
      const response = await (k % 2
        ? having.predict(new Uint8Array(png), PNG)
        : having.predict(new Uint8Array(strokes)))
      return ((await response.json()) as { digit: number }).digit - digit
    })
    expect(await Promise.all(all)).toEqual(Array(18).fill(0))
    expect(having.warnings).toEqual([])
  })

  it('keeps drawings, so that they can be corrected', async () => {
    for (const [body, type] of [
      [png, PNG],
      [strokes, JSON_TYPE],
    ] as const) {
      const { id, digit } = (await (await having.predict(new Uint8Array(body), type)).json()) as {
        id: string
        digit: number
      }
      const correction = JSON.stringify({ predictionId: id, label: (digit + 1) % 10 })
      const path = '/api/v1/corrections'
      const stored = await having.request(path, {
        method: 'POST',
        body: correction,
        headers: { 'content-type': JSON_TYPE },
      })
      expect(stored.status).toBe(201)
    }
  })

  it('charges a large picture to the quota, as one without does', async () => {
    const { pool, predict } = testApp({ ratePerMinute: 3 }, SHIPPED, { workers: 1 })
    await started(pool)
    const size = new Uint8Array(png) // 2048 x 2048 px, says its header
    new DataView(size.buffer).setUint32(16, 2048)
    new DataView(size.buffer).setUint32(20, 2048)
    const url = JSON.stringify({ image: `data:image/png;base64,${Buffer.from(size).toString('base64')}` })
    expect((await predict(size, PNG)).status).toBe(429)
    expect((await predict(url)).status).toBe(429)
    await pool?.close()
  })
})

describe('workers that are asked while versions change', () => {
  it('answer by the version that was served when it was their turn', async () => {
    const { card, data } = loadModel(`${SHIPPED}/softmax`)
    const version = (number: number): ModelFiles => ({
      card: { ...card, version: number } as Card,
      data: Uint8Array.from(new Uint8Array(Float32Array.from(new Float32Array(data.buffer), (w) => w / number).buffer)),
    })
    let served = version(1)
    const source: ModelSource = { list: () => [served.card], load: () => served }
    const recognizer = new Recognizer(TYPESCRIPT, source)
    const pool = await started(
      createPool({ workers: 2, backend: TYPESCRIPT, source, now: () => performance.now(), warn() {} }),
    )
    const body = Buffer.from(JSON.stringify(ONE))
    const ask = async (pool: Pool, card: Card) => {
      const steps = pool.read({ contentType: JSON_TYPE, body, cards: () => [card], charge() {} })
      const { value } = (await steps.piece().away?.()) ?? {}
      return recognizer.answer(card, value?.said.get(card)?.scores as Float32Array).probabilities
    }
    const expected = new Map<number, number[]>()
    const asked: Promise<void>[] = []
    for (let number = 1; number <= 12; number++) {
      served = version(number)
      expected.set(
        number,
        recognizer.recognizeDrawing(() => rasterizeStrokes(ONE.strokes as unknown as Strokes)).sampling.result()
          .probabilities,
      )
      for (let k = 0; k < 8; k++) {
        const { card } = served
        asked.push(
          ask(pool, card).then((said) => {
            expect(said).toEqual(expected.get(card.version))
          }),
        )
      }
      await setTimeout(1)
    }
    await Promise.all(asked)
    expect(new Set([...expected.values()].map(String)).size).toBe(12)
    await pool.close()
  })
})

describe('a server that one visitor uses', () => {
  it('starts no worker, and starts them when many ask', async () => {
    const { pool, predict } = testApp({}, undefined, { workers: 1 })
    for (let k = 0; k < 5; k++) {
      expect((await predict(JSON.stringify(ONE))).status).toBe(200)
      await setTimeout(20)
    }
    await setTimeout(300)
    expect(pool?.ready(false)).toBe(false)
    await Promise.all(Array.from({ length: 16 }, () => predict(JSON.stringify(ONE))))
    await started(pool)
    await pool?.close()
  })
})
