/** POST /api/v1/read: the digits of a number, each of which can be corrected. */

import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { ReadResponse } from '../../../../core/numbers/response.ts'
import type { CorrectionResponse, PredictResponse, Problem } from '../../../../core/protocol.ts'
import { SHIPPED_MODELS } from '../../../../server/files/program.ts'
import { pictureOfStrokes, strokesOf } from '../../../core/numbers/drawn.ts'
import { ONE, testApp } from '../application.ts'

const { request, predict } = testApp({}, SHIPPED_MODELS, { preferred: ['cnn-small'] })

const post = (body: BodyInit, type = 'application/json', query = '', address?: string) =>
  request(`/api/v1/read${query}`, { method: 'POST', body, headers: { 'content-type': type } }, address)

async function read(...given: Parameters<typeof post>): Promise<ReadResponse> {
  const response = await post(...given)
  expect(response.status).toBe(200)
  return (await response.json()) as ReadResponse
}

async function refusal(response: Response | Promise<Response>): Promise<string> {
  const { status, code } = (await (await response).json()) as Problem
  return `${status} ${code}`
}

const correct = (predictionId: string, label: number, address?: string) => {
  const body = JSON.stringify({ predictionId, label })
  return request(
    '/api/v1/corrections',
    { method: 'POST', body, headers: { 'content-type': 'application/json' } },
    address,
  )
}

const strokes = (text: string) => JSON.stringify({ strokes: strokesOf(text) })

function png(text: string): Uint8Array<ArrayBuffer> {
  const { width, height, data } = pictureOfStrokes(strokesOf(text))
  const png = new PNG({ width, height })
  for (let p = 0; p < width * height; p++) png.data.fill(data[p], 4 * p, 4 * p + 3).fill(255, 4 * p + 3, 4 * p + 4)
  return new Uint8Array(PNG.sync.write(png))
}

describe('a number', () => {
  it('is read from strokes, a PNG and a data URL, with the answer to each digit and its box', async () => {
    const file = png('47')
    const image = `data:image/png;base64,${Buffer.from(file).toString('base64')}`
    const answers = [
      await read(strokes('47')),
      await read(file, 'image/png'),
      await read(JSON.stringify({ image })),
      await read(strokes('47'), undefined, '?model=cnn-small'),
    ]
    for (const { text, model, version, digits, timing } of answers) {
      expect([text, model, version]).toEqual(['47', 'cnn-small', 1])
      expect(digits.map(({ digit, line }) => [digit, line])).toEqual([
        [4, 0],
        [7, 0],
      ])
      for (const { probabilities, confidence, digit } of digits) {
        expect(probabilities).toHaveLength(10)
        expect(probabilities[digit]).toBe(confidence)
      }
      expect(digits[0].box.left + digits[0].box.width).toBeLessThan(digits[1].box.left)
      expect(timing.total).toBeGreaterThan(0)
    }
    expect(answers[0].digits[1].box).toEqual({ left: 90, top: 0, width: 60, height: 100 })
  })

  it('of one digit gets the answer of a prediction', async () => {
    const { digits, text } = await read(strokes('7'))
    const answer = (await (await predict(strokes('7'))).json()) as PredictResponse
    expect(text).toBe('7')
    expect(digits[0].probabilities).toEqual(answer.probabilities)
  })

  it('has digits that can be corrected, each once and from the same network', async () => {
    for (const body of [strokes('47'), png('51')]) {
      const { digits } = await read(body, typeof body === 'string' ? 'application/json' : 'image/png')
      const [first, second] = digits
      const response = await correct(second.id, 1)
      expect(response.status).toBe(201)
      const { label, answer, confirmed } = (await response.json()) as CorrectionResponse
      expect([label, answer, confirmed]).toEqual([1, second.digit, second.digit === 1])
      expect(await refusal(correct(second.id, 1))).toBe('409 prediction_used')
      expect(await refusal(correct(first.id, 1, '203.0.113.9'))).toBe('403 other_network')
      expect((await correct(first.id, first.digit)).status).toBe(201)
    }
  })

  it('is refused as a prediction is', async () => {
    expect(await refusal(post(JSON.stringify(ONE), undefined, '?model=resnet'))).toBe('404 unknown_model')
    expect(await refusal(post('{"strokes":[]}'))).toBe('422 no_strokes')
    expect(await refusal(post('{"strokes":[[[1,"2"]]]}'))).toBe('422 bad_strokes')
    expect(await refusal(post('7', 'text/css'))).toBe('415 bad_content_type')
    expect(await refusal(post(strokes('7'.repeat(30))))).toBe('422 too_many_digits')
    expect(await refusal(request('/api/v1/read'))).toBe('405 method_not_allowed')
  })

  it('pays for many questions to the model from the quota', async () => {
    const limited = testApp({ ratePerMinute: 2 }, SHIPPED_MODELS, { preferred: ['cnn-small'] })
    const one = (body: string) =>
      limited.request('/api/v1/read', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect((await one(strokes('7'))).status).toBe(200)
    expect(await refusal(one(strokes('701470147014')))).toBe('429 rate_limited')
  })
})
