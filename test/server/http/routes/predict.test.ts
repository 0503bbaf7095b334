/** POST /api/v1/predict in its four forms, and every body that must be refused. */

import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { PredictAllResponse, PredictResponse, Problem } from '../../../../core/protocol.ts'
import { knowingModel, testModel, testWeights } from '../../models/test-model.ts'
import { ONE, testApp } from '../application.ts'

const { predict, warnings } = testApp()

/** A 28x28 field with a vertical bar, 0..1. */
const BAR = Array.from({ length: 784 }, (_, k) => (k % 28 >= 12 && k % 28 < 16 && k > 84 && k < 700 ? 1 : 0))

function barPng(): Buffer {
  const png = new PNG({ width: 28, height: 28 })
  BAR.forEach((ink, k) => {
    png.data.fill(255 - ink * 255, 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  })
  return PNG.sync.write(png)
}

async function refusal(response: Response | Promise<Response>): Promise<string> {
  const answer = await response
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const body = (await answer.json()) as Problem
  expect(body).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status: answer.status,
    code: expect.stringMatching(/^[a-z_]+$/),
    detail: expect.stringMatching(/^.{1,120}$/),
  })
  return `${answer.status} ${body.code}`
}

const pixels = (changes: Record<number, unknown>) => {
  const list: unknown[] = [...BAR]
  for (const [k, value] of Object.entries(changes)) list[Number(k)] = value
  return JSON.stringify({ pixels: list })
}
const raw = (number: string) => `{"pixels":[${[number, ...BAR.slice(1)].join(',')}]}`

describe('a prediction', () => {
  it('has an id, the model, ten probabilities that sum to 1 within 1e-6, the most probable digit and its timing', async () => {
    const response = await predict(JSON.stringify(ONE))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    const answer = (await response.json()) as PredictResponse
    expect(Object.keys(answer).sort()).toEqual(
      ['confidence', 'digit', 'id', 'model', 'other', 'probabilities', 'timing', 'verdict', 'version'].sort(),
    )
    expect(answer.probabilities).toHaveLength(10)
    expect(Math.abs(answer.probabilities.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6)
    expect(answer.probabilities[answer.digit]).toBe(Math.max(...answer.probabilities))
    expect(answer.confidence).toBe(answer.probabilities[answer.digit])
    expect(answer.model).toBe('softmax')
    expect(answer.timing.total).toBeGreaterThanOrEqual(answer.timing.infer)
  })

  it('has a verdict: with every model that of its own, and a digit that it is most like where it is none', async () => {
    const folder = testWeights(
      testModel(),
      knowingModel('doubter', 0.5, 20),
      knowingModel('sure', 0, -20),
      knowingModel('unsure', 1, -20),
    )
    const { predict } = testApp({}, folder)
    const one = (await (
      await predict(JSON.stringify(ONE), 'application/json', '?model=doubter')
    ).json()) as PredictResponse
    expect(one).toMatchObject({ verdict: 'not-a-digit', confidence: Math.max(...one.probabilities) })
    expect(one.other).toBeGreaterThan(0.99)
    expect(one.probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6)
    const all = (await (
      await predict(JSON.stringify(ONE), 'application/json', '?model=all')
    ).json()) as PredictAllResponse
    const verdicts = all.answers.map((answer) => 'verdict' in answer && [answer.model, answer.verdict])
    expect(verdicts).toContainEqual(['doubter', 'not-a-digit'])
    expect(verdicts).toContainEqual(['sure', 'digit'])
    expect(verdicts).toContainEqual(['unsure', 'unsure'])
    expect(all.answers.find(({ model }) => model === 'softmax')).toHaveProperty('other', 0)
  })

  it('is the same for one picture as PNG, as data URL and as pixels, and shows the 784 bytes seen with ?input=1', async () => {
    const png = barPng()
    const bodies: [BodyInit, string][] = [
      [new Uint8Array(png), 'image/png'],
      [JSON.stringify({ image: `data:image/png;base64,${png.toString('base64')}` }), 'application/json; charset=utf-8'],
      [JSON.stringify({ pixels: BAR }), 'application/json'],
    ]
    const answers = await Promise.all(
      bodies.map(async ([body, type]) => (await (await predict(body, type, '?input=1')).json()) as PredictResponse),
    )
    for (const answer of answers) {
      expect(answer.input).toHaveLength(784)
      expect(answer.input).toEqual(answers[0].input)
      expect(answer.probabilities).toEqual(answers[0].probabilities)
    }
  })

  it('names a model with ?model= and answers 404 unknown_model for one that is not loaded', async () => {
    expect((await predict(JSON.stringify(ONE), 'application/json', '?model=softmax')).status).toBe(200)
    expect(await refusal(predict(JSON.stringify(ONE), 'application/json', '?model=resnet'))).toBe('404 unknown_model')
  })

  it.each([
    'resnet',
    '',
    '../../etc/passwd',
    'x'.repeat(500),
  ])('for ?model=%s says which models there are', async (id) => {
    const query = `?model=${encodeURIComponent(id)}`
    const { detail } = (await (await predict(JSON.stringify(ONE), 'application/json', query)).json()) as Problem
    expect(detail).toBe('there is no model of that name; there are: softmax')
  })

  it('takes JSON with a byte order mark', async () => {
    expect((await predict(`\ufeff${JSON.stringify(ONE)}`)).status).toBe(200)
  })

  it('takes a denormal and -0 for 0', async () => {
    const plain = (await (await predict(pixels({ 0: 0 }))).json()) as PredictResponse
    for (const number of ['1e-320', '-0']) {
      const answer = (await (await predict(raw(number))).json()) as PredictResponse
      expect(answer.probabilities).toEqual(plain.probabilities)
    }
  })

  it('takes an image of 200,000 bytes as a data URL, beyond the 16,384 bytes of other JSON', async () => {
    const side = 240
    const png = new PNG({ width: side, height: side })
    for (let k = 0; k < side * side; k++) {
      const x = k % side
      const ink = x > 110 && x < 130 && k > 40 * side && k < 200 * side
      // noise that does not compress, too pale to be ink
      for (let channel = 0; channel < 3; channel++) {
        png.data[4 * k + channel] = ink ? 0 : 248 + (((k * 2_654_435_761 + channel * 40_503) >>> 9) & 7)
      }
      png.data[4 * k + 3] = 255
    }
    const file = PNG.sync.write(png, { deflateLevel: 0 })
    expect(file.length).toBeGreaterThan(200_000)
    const response = await predict(JSON.stringify({ image: `data:image/png;base64,${file.toString('base64')}` }))
    expect(response.status).toBe(200)
  })
})

describe('a JSON body is refused', () => {
  const cases: [string, BodyInit, string][] = [
    ['empty', '', '400 bad_json'],
    ['cut off', '{"a":', '400 bad_json'],
    ['with a byte that is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), '400 bad_json'],
    ['with NaN', raw('NaN'), '400 bad_json'],
    ['with Infinity', raw('Infinity'), '400 bad_json'],
    ['with a trailing comma', '{"strokes":[],}', '400 bad_json'],
    ['with a byte order mark inside', `{\ufeff"strokes":[]}`, '400 bad_json'],
    ['with two byte order marks', `\ufeff\ufeff${JSON.stringify(ONE)}`, '400 bad_json'],
    ['as UTF-16', Buffer.from(`\ufeff${JSON.stringify(ONE)}`, 'utf16le'), '400 bad_json'],
    ['null', 'null', '422 bad_shape'],
    ['a list', '[]', '422 bad_shape'],
    ['a string', '"x"', '422 bad_shape'],
    ['a number', '7', '422 bad_shape'],
    ['8,000 nested lists', '['.repeat(8000) + ']'.repeat(8000), '422 bad_shape'],
    ['the same as strokes', `{"strokes":${'['.repeat(8000)}${']'.repeat(8000)}}`, '422 bad_strokes'],
    ['__proto__', '{"__proto__":{"polluted":1}}', '422 unknown_field'],
    ['__proto__ beside a good field', '{"__proto__":{"image":1},"strokes":[[[0,0],[0,9]]]}', '422 unknown_field'],
    ['constructor', '{"constructor":{"prototype":{"polluted":1}}}', '422 unknown_field'],
    ['the same field twice', '{"strokes":1,"strokes":[[[0,0],[0,9]]]}', '422 duplicate_field'],
    ['twice in another spelling', '{"pi\\u0078els":1,"strokes":[[[0,0],[0,9]]]}', '422 bad_shape'],
    ['783 pixels', JSON.stringify({ pixels: BAR.slice(1) }), '422 bad_pixels'],
    ['785 pixels', JSON.stringify({ pixels: [0, ...BAR] }), '422 bad_pixels'],
    ['no pixels', JSON.stringify({ pixels: [] }), '422 bad_pixels'],
    ['a pixel null', pixels({ 5: null }), '422 bad_pixels'],
    ['a pixel as a string', pixels({ 5: '0' }), '422 bad_pixels'],
    ['a pixel true', pixels({ 5: true }), '422 bad_pixels'],
    ['a pixel 1e999', raw('1e999'), '422 bad_pixels'],
    ['a pixel -0.1', raw('-0.1'), '422 bad_pixels'],
    ['a pixel 1.0001', raw('1.0001'), '422 bad_pixels'],
    ['one number of a million digits', `{"pixels":[${'1'.repeat(1e6)}]}`, '413 body_too_large'],
    ['one number of 65,524 digits', `{"pixels":[${'1'.repeat(65_524)}]}`, '413 body_too_large'],
    ['a free-text field', '{"comment":"\\ud800"}', '422 unknown_field'],
    ['a formula beside a good field', '{"note":"=cmd()","strokes":[[[0,0],[0,9]]]}', '422 unknown_field'],
    ['no field', '{}', '422 bad_shape'],
    ['two forms at once', JSON.stringify({ ...ONE, pixels: BAR }), '422 bad_shape'],
    ['blank pixels', JSON.stringify({ pixels: Array(784).fill(0) }), '422 blank_image'],
    ['strokes that are no lists', '{"strokes":{"length":1}}', '422 bad_strokes'],
    ['a point with one number', '{"strokes":[[[1]]]}', '422 bad_strokes'],
    ['a point at infinity', '{"strokes":[[[1,1e999]]]}', '422 bad_strokes'],
    ['no strokes', '{"strokes":[]}', '422 no_strokes'],
    ['an image that is a path', '{"image":"/etc/passwd"}', '422 bad_image'],
    ['an image that is a list', '{"image":["data:image/png;base64,"]}', '422 bad_image'],
    ['an image that is no base64', '{"image":"data:image/png;base64,%%%"}', '422 bad_image'],
    ['an image of another type', '{"image":"data:image/gif;base64,R0lGODlh"}', '415 not_png'],
    ['an image called PNG that is a GIF', '{"image":"data:image/png;base64,R0lGODlh"}', '415 not_png'],
    ['an image without pixels', '{"image":"data:,"}', '422 bad_image'],
    ['an empty image', '{"image":"data:image/png;base64,"}', '400 empty_body'],
    [
      'an image in JSON of more than 4,194,304 bytes',
      JSON.stringify({ image: `data:image/png;base64,${Buffer.alloc(3_145_728).toString('base64')}` }),
      '413 body_too_large',
    ],
  ]
  it.each(cases)('%s', async (_, body, expected) => {
    expect(await refusal(predict(body))).toBe(expected)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('a body is refused by its type or size', () => {
  const cases: [string, BodyInit, string, string][] = [
    ['text/plain', JSON.stringify(ONE), 'text/plain', '415 bad_content_type'],
    ['a JSON relative', JSON.stringify(ONE), 'application/json-patch+json', '415 bad_content_type'],
    ['a form', 'pixels=1', 'application/x-www-form-urlencoded', '415 bad_content_type'],
    ['multipart', '--x\r\n\r\n\r\n--x--', `multipart/form-data; boundary=${'x'.repeat(1000)}`, '400 bad_form'],
    ['another image', 'GIF89a', 'image/gif', '415 not_png'],
    ['an empty PNG', '', 'image/png', '400 empty_body'],
    ['nothing of no known type', '', 'text/plain', '400 empty_body'],
    ['4,194,305 bytes', new Uint8Array(4_194_305), 'image/png', '413 body_too_large'],
    ['no PNG', 'hello', 'image/png', '415 not_png'],
  ]
  it.each(cases)('%s', async (_, body, type, expected) => {
    expect(await refusal(predict(body, type))).toBe(expected)
  })

  it('whatever its type, when it comes compressed', async () => {
    const { request } = testApp()
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const answer = request('/api/v1/predict', { method: 'POST', body: 'x', headers })
    expect(await refusal(answer)).toBe('415 bad_content_encoding')
  })

  it('none of which is worth a line in the log', () => {
    expect(warnings).toEqual([])
  })
})
