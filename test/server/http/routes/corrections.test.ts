/** POST, DELETE and GET /api/v1/corrections: what is taken, what is refused, and what comes of it. */

import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { CorrectionsResponse } from '../../../../core/protocol.ts'
import { correctingApp, correctionOf, OWNER, refusal } from '../../corrections/corrections.ts'
import { ONE } from '../application.ts'

const BAR = Array.from({ length: 784 }, (_, k) => (k % 28 >= 12 && k % 28 < 16 && k > 84 && k < 700 ? 1 : 0))
const NOBODY = '00000000-0000-4000-8000-000000000000'

function barPng(width = 4): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width: 28, height: 28 })
  for (let k = 0; k < 784; k++) {
    const ink = k % 28 >= 12 && k % 28 < 12 + width && k > 84 && k < 700
    png.data.fill(ink ? 0 : 255, 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  }
  return new Uint8Array(PNG.sync.write(png))
}
const dataUrl = (png: Uint8Array) => `data:image/png;base64,${Buffer.from(png).toString('base64')}`

describe('a correction', () => {
  it('of a prediction is on disk when it is acknowledged, with model, version and answer, and is learned from', async () => {
    const { ask, post, store, state } = correctingApp()
    const { id: predictionId, digit, version, confidence } = await ask()
    const answer = await correctionOf(post({ predictionId, label: (digit + 1) % 10 }), 201)
    expect(answer).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      label: (digit + 1) % 10,
      model: 'softmax',
      version,
      answer: digit,
      confirmed: false,
      learning: ['softmax'],
    })
    const [row] = store.rows.whole(0, 9)
    expect(row).toMatchObject({
      id: answer.id,
      label: (digit + 1) % 10,
      answer: digit,
      confidence,
      use: 'waiting',
      trusted: 0,
    })
    expect(state.notices).toBe(1)
  })

  it('that says the answer was right is a confirmation, and of what is no digit says so', async () => {
    const { ask, post, teach, time } = correctingApp()
    const { id: predictionId, digit } = await ask()
    expect(await correctionOf(post({ predictionId, label: digit }), 201)).toMatchObject({ confirmed: true })
    time.at += 3_600_000
    expect(await correctionOf(teach('not-a-digit'), 201)).toMatchObject({ label: 'not-a-digit', confirmed: false })
  })

  it('keeps a PNG that preprocessing sees the same in as in what was sent', async () => {
    const { ask, post, store } = correctingApp()
    const bodies: [BodyInit, string][] = [
      [barPng(), 'image/png'],
      [JSON.stringify({ image: dataUrl(barPng(5)) }), 'application/json'],
      [JSON.stringify({ pixels: BAR.map((ink, k) => (k === 400 ? 0.5 : ink)) }), 'application/json'],
      [JSON.stringify(ONE), 'application/json'],
    ]
    for (const [body, type] of bodies) {
      const { id: predictionId, input } = await ask(body, type, '?input=1')
      await correctionOf(post({ predictionId, label: 7 }), 201)
      const [row] = store.rows.whole(0, 9).slice(-1)
      expect([...row.input]).toEqual(input)
      const again = await ask(new Uint8Array(row.png), 'image/png', '?input=1')
      expect(again.input).toEqual(input)
    }
  })

  it('of an image is of what the model named, or the default one, says about it', async () => {
    const { post, ask } = correctingApp()
    const { digit } = await ask(barPng(), 'image/png')
    const stored = await correctionOf(post({ image: dataUrl(barPng()), label: 3, model: 'softmax' }), 201)
    expect(stored).toMatchObject({ model: 'softmax', version: 1, answer: digit })
    for (const model of ['resnet', 'Not An Id']) {
      expect(await refusal(post({ image: dataUrl(barPng()), label: 3, model }))).toBe('404 unknown_model')
    }
  })

  it('of ?model=all is of the default model’s answer, and of ?samples of theirs', async () => {
    const { ask, post } = correctingApp()
    const { id: predictionId } = await ask(JSON.stringify(ONE), 'application/json', '?model=all')
    expect(await correctionOf(post({ predictionId, label: 4 }), 201)).toMatchObject({ model: 'softmax', label: 4 })
  })

  it('may come with an image as large as a prediction takes one, the label first or last', async () => {
    const { post } = correctingApp()
    const large = new PNG({ width: 300, height: 300 })
    let noise = 1
    for (let k = 0; k < large.data.length; k++) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fffffff
      const ink = (k >> 2) % 300 >= 140 && (k >> 2) % 300 < 160 && k > 60_000 && k < 300_000
      large.data[k] = k % 4 === 3 ? 255 : ink ? 0 : 240 + ((noise >> 16) & 15)
    }
    const image = dataUrl(new Uint8Array(PNG.sync.write(large)))
    expect(image.length).toBeGreaterThan(150_000)
    await correctionOf(post({ label: 2, image }), 201)
    await correctionOf(post({ image, label: 3 }), 201)
    expect(await refusal(post({ image: `data:image/png;base64,${'A'.repeat(4_194_304)}`, label: 2 }))).toBe(
      '413 body_too_large',
    )
  })
})

describe('a body', () => {
  const { post } = correctingApp()
  const nested = '['.repeat(8000) + ']'.repeat(8000)
  const valid = { predictionId: NOBODY, label: 3 }
  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', '400 bad_json'],
    ['JSON that is cut off', '{"a":', '400 bad_json'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), '400 bad_json'],
    ['NaN', '{"label":NaN}', '400 bad_json'],
    ['Infinity', '{"label":Infinity}', '400 bad_json'],
    ['a comma before the brace', '{"label":3,}', '400 bad_json'],
    ['two byte order marks', '\ufeff\ufeff{}', '400 bad_json'],
    ['null', 'null', '422 bad_shape'],
    ['an array', '[]', '422 bad_shape'],
    ['a string', '"x"', '422 bad_shape'],
    ['a number', '7', '422 bad_shape'],
    ['8,000 nested arrays', nested, '422 bad_shape'],
    ['a member __proto__', '{"__proto__":{"polluted":1}}', '422 unknown_field'],
    ['a member constructor', '{"constructor":{"prototype":1}}', '422 unknown_field'],
    ['label twice', `{"predictionId":"${NOBODY}","label":1,"label":2}`, '422 duplicate_field'],
    ['predictionId twice', `{"predictionId":"${NOBODY}","predictionId":"${NOBODY}","label":2}`, '422 duplicate_field'],
    ['the label 10', JSON.stringify({ ...valid, label: 10 }), '422 bad_label'],
    ['the label -1', JSON.stringify({ ...valid, label: -1 }), '422 bad_label'],
    ['the label 3.5', JSON.stringify({ ...valid, label: 3.5 }), '422 bad_label'],
    ['a label in quotes', JSON.stringify({ ...valid, label: '3' }), '422 bad_label'],
    ['no label', JSON.stringify({ predictionId: NOBODY }), '422 bad_label'],
    ['a word for a label', JSON.stringify({ ...valid, label: 'Not-a-digit' }), '422 bad_label'],
    ['a million digits', '9'.repeat(1_000_000), '413 body_too_large'],
    ['a label of 20,000 digits', `{"predictionId":"${NOBODY}","label":${'9'.repeat(20_000)}}`, '413 body_too_large'],
    ['half a character for an id', `{"predictionId":"\\ud800","label":3}`, '404 unknown_prediction'],
    ['an unknown member of 10,000 letters', `{"note":"${'x'.repeat(10_000)}","label":3}`, '422 unknown_field'],
    ['an unknown member with markup', '{"note":"<script>","label":3}', '422 unknown_field'],
    ['a formula for a name', '{"=cmd()":1,"label":3}', '422 unknown_field'],
    ['neither', '{"label":3}', '422 bad_shape'],
    ['both', JSON.stringify({ ...valid, image: 'data:' }), '422 bad_shape'],
    ['a model of a prediction', JSON.stringify({ ...valid, model: 'softmax' }), '422 bad_shape'],
    ['a number for an id', '{"predictionId":7,"label":3}', '422 bad_shape'],
    ['an image elsewhere', '{"image":"http://a.example/x.png","label":3}', '422 bad_image'],
    ['an image that is none', '{"image":"data:image/png;base64,AAAA","label":3}', '415 not_png'],
  ])('%s is refused', async (_, body, expected) => {
    expect(await refusal(post(body))).toBe(expected)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('of another type, or of none, is refused with 415', async () => {
    expect(await refusal(post('{}', { 'content-type': 'text/plain' }))).toBe('415 bad_content_type')
    const { request } = correctingApp()
    const untyped = request('/api/v1/corrections', { method: 'POST', body: new Uint8Array([123, 125]) })
    expect(await refusal(untyped)).toBe('415 bad_content_type')
  })

  it('from another site’s page is refused', async () => {
    expect(await refusal(post('{}', { origin: 'http://evil.example' }))).toBe('403 cross_site')
    expect(await refusal(post('{}', { 'sec-fetch-site': 'cross-site' }))).toBe('403 cross_site')
  })
})

describe('a prediction', () => {
  it('that was never made is 404, used twice 409, after 15 minutes 410, from another network 403', async () => {
    const { ask, post, time } = correctingApp()
    expect(await refusal(post({ predictionId: NOBODY, label: 3 }))).toBe('404 unknown_prediction')
    const first = (await ask()).id
    expect(await refusal(post({ predictionId: first, label: 3 }, {}, '10.9.9.9'))).toBe('403 other_network')
    time.at += 900_000
    await correctionOf(post({ predictionId: first, label: 3 }), 201)
    expect(await refusal(post({ predictionId: first, label: 4 }))).toBe('409 prediction_used')
    const second = (await ask()).id
    time.at += 900_001
    expect(await refusal(post({ predictionId: second, label: 3 }))).toBe('410 prediction_expired')
    expect(await refusal(post({ predictionId: first, label: 4 }))).toBe('409 prediction_used')
  })

  it('stays usable when storing its correction failed', async () => {
    const { ask, post, store } = correctingApp()
    const { id: predictionId } = await ask()
    store.database.run("CREATE TRIGGER fail BEFORE INSERT ON corrections BEGIN SELECT raise(ABORT, 'no'); END")
    expect((await post({ predictionId, label: 3 })).status).toBe(500)
    store.database.run('DROP TRIGGER fail')
    await correctionOf(post({ predictionId, label: 3 }), 201)
  })

  it('is corrected once by twenty who try at the same time', async () => {
    const { ask, post, store } = correctingApp()
    const { id: predictionId } = await ask()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, k) => post({ predictionId, label: k % 10 })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
    expect(store.rows.numbers()).toHaveLength(1)
  })
})

describe('the same again', () => {
  it('with its Idempotency-Key is 200, the same body and one row; another body is 422 idempotency_mismatch', async () => {
    const { ask, post, store, state } = correctingApp()
    const { id: predictionId } = await ask()
    const headers = { 'idempotency-key': 'k-1' }
    const first = await (await post({ predictionId, label: 3 }, headers)).text()
    const again = await post({ predictionId, label: 3 }, headers)
    expect([again.status, await again.text()]).toEqual([200, first])
    expect([store.rows.numbers().length, state.notices]).toEqual([1, 1])
    expect(await refusal(post({ predictionId, label: 4 }, headers))).toBe('422 idempotency_mismatch')
    // keys are a network's own
    expect(await refusal(post({ predictionId, label: 3 }, headers, '10.9.9.9'))).toBe('409 prediction_used')
    expect(await refusal(post({ predictionId, label: 3 }, { 'idempotency-key': 'a b' }))).toBe(
      '422 bad_idempotency_key',
    )
  })

  it('drawing and label from one network is the row there is; another label takes its place; another network has its own', async () => {
    const { ask, post, teach, store } = correctingApp()
    const first = await correctionOf(teach(3), 201)
    expect(await correctionOf(teach(3), 200)).toEqual(first)
    const second = await correctionOf(teach(4), 201)
    expect(store.rows.list({ limit: 9 }).map(({ id, label }) => [id, label])).toEqual([[second.id, 4]])
    const png = dataUrl(barPng())
    await ask()
    await correctionOf(post({ image: png, label: 5 }), 201)
    await correctionOf(post({ image: png, label: 5 }, {}, '10.9.9.9'), 201)
    expect(store.rows.numbers()).toHaveLength(3)
  })

  it('never replaces a correction of the owner', async () => {
    const { post, store } = correctingApp()
    const image = dataUrl(barPng())
    await correctionOf(post({ image, label: 1 }, OWNER), 201)
    await correctionOf(post({ image, label: 9 }), 201)
    expect(store.rows.list({ limit: 9 }).map(({ trusted, label }) => [trusted, label])).toEqual([
      [0, 9],
      [1, 1],
    ])
  })
})

describe('deleting', () => {
  const remove = (app: ReturnType<typeof correctingApp>, id: string, headers = {}, address?: string) =>
    app.request(`/api/v1/corrections/${id}`, { method: 'DELETE', headers }, address)

  it('is for who gave it or the owner, 204 each time', async () => {
    const app = correctingApp()
    const { id } = await correctionOf(app.teach(3), 201)
    expect(await refusal(remove(app, id, {}, '10.9.9.9'))).toBe('403 other_network')
    expect((await remove(app, id)).status).toBe(204)
    expect((await remove(app, id)).status).toBe(204)
    expect(app.store.rows.numbers()).toEqual([])
    expect(app.state).toEqual({ notices: 1, takenBack: 1 })
    const other = await correctionOf(app.teach(3, OWNER), 201)
    expect(await refusal(remove(app, other.id))).toBe('403 other_network')
    expect((await remove(app, other.id, OWNER, '10.9.9.9')).status).toBe(204)
    expect(await refusal(remove(app, 'x'))).toBe('404 unknown_correction')
    expect(await refusal(remove(app, id, { origin: 'http://evil.example' }))).toBe('403 cross_site')
  })
})

describe('the owner', () => {
  it('lists the newest first, page by page, by use', async () => {
    const { request, post, store, time } = correctingApp()
    for (let k = 1; k <= 5; k++) {
      time.at += 1000
      await correctionOf(post({ image: dataUrl(barPng(k)), label: k }), 201)
    }
    const list = async (query: string) => {
      const response = await request(`/api/v1/corrections${query}`, { headers: OWNER })
      return ((await response.json()) as CorrectionsResponse).corrections
    }
    const [newest, next] = await list('?limit=2')
    expect([newest.label, next.label]).toEqual([5, 4])
    expect(newest).toMatchObject({
      use: 'waiting',
      at: new Date(time.at).toISOString(),
      bytes: store.rows.whole(0, 9).at(-1)?.png.length,
    })
    expect((await list(`?before=${next.id}`)).map(({ label }) => label)).toEqual([3, 2, 1])
    store.database.run("UPDATE corrections SET use = 'learned' WHERE label = 2")
    expect((await list('?use=learned')).map(({ label }) => label)).toEqual([2])
    for (const query of ['?limit=0', '?limit=501', '?limit=1e2', '?before=x', '?use=deleted']) {
      expect((await request(`/api/v1/corrections${query}`, { headers: OWNER })).status).toBe(422)
    }
  })

  it.each(['/api/v1/corrections', '/api/v1/corrections/export'])('alone may read %s', async (path) => {
    const { request } = correctingApp()
    expect(await refusal(request(path))).toBe('401 unauthorized')
    expect((await request(path)).headers.get('www-authenticate')).toBe('Bearer realm="inkling"')
    expect(await refusal(request(`${path}?token=${OWNER.authorization.slice(7)}`))).toBe('401 unauthorized')
    expect(await refusal(request(path, { headers: { authorization: 'Basic QUFB' } }))).toBe('401 unauthorized')
    expect((await request(path, { headers: OWNER })).status).toBe(200)
  })

  it('has no quota, and corrections of the owner are stored as such', async () => {
    const { post, store } = correctingApp()
    for (let k = 1; k <= 12; k++) await correctionOf(post({ image: dataUrl(barPng(k)), label: 1 }, OWNER), 201)
    expect(store.rows.list({ limit: 99 }).every(({ trusted }) => trusted === 1)).toBe(true)
    expect(await refusal(post({ image: dataUrl(barPng()), label: 1 }, { authorization: 'Bearer wrong' }))).toBe(
      '401 unauthorized',
    )
  })
})
