/** Bodies as clients of all kinds send them: types, forms, base64 and JSON, to every route that takes a drawing. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PredictResponse, Problem } from '../../../../core/protocol.ts'
import { correctingApp, correctionOf } from '../../corrections/corrections.ts'
import { ONE, testApp } from '../application.ts'

const { request } = testApp()
const PNG = new Uint8Array(readFileSync('test/arm/fixtures/7-grey.png'))
const BASE64 = Buffer.from(PNG).toString('base64')
const URL = `data:image/png;base64,${BASE64}`

const post = (body: BodyInit, type?: string, path = '/api/v1/predict') =>
  request(path, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } })
const probabilities = async (response: Response | Promise<Response>) =>
  ((await (await response).json()) as PredictResponse).probabilities
const problem = async (response: Response | Promise<Response>) => {
  const { status, code, detail } = (await (await response).json()) as Problem
  expect(detail.length).toBeLessThanOrEqual(120)
  return { verdict: `${status} ${code}`, detail }
}
const EXPECTED = await probabilities(post(PNG, 'image/png'))

describe('a picture is known by its bytes', () => {
  it.each([
    undefined,
    'application/octet-stream',
    'binary/octet-stream',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=UTF-8',
    'image/x-png',
    'image/jpeg',
    'image/jpg',
    'image/*',
    'image/png; name="7.png"',
    ' IMAGE/PNG ;charset=binary',
    'text/plain;charset=UTF-8',
    'application/json',
    'multipart/form-data',
    'not a type',
  ])('when its Content-Type is %s', async (type) => {
    expect(await probabilities(post(PNG, type))).toEqual(EXPECTED)
  })

  it.each([
    ['a GIF', 'GIF89a', /GIF/],
    ['a WebP', 'RIFF\x10\0\0\0WEBPVP8 ', /WebP/],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG/],
    ['an HTML page', '<!doctype html><title>404</title>', /HTML/],
  ])('and is named when it is %s', async (_, text, name) => {
    for (const type of ['image/png', 'application/octet-stream', undefined]) {
      const { verdict, detail } = await problem(post(Buffer.from(text, 'latin1'), type))
      expect([verdict, name.test(detail)]).toEqual(['415 not_png', true])
    }
  })
})

describe('JSON under another type is refused with the header to add', () => {
  it.each([
    'text/plain',
    undefined,
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'image/png',
  ])('%s', async (type) => {
    for (const start of ['', ' \n', '\ufeff']) {
      const { verdict, detail } = await problem(post(Buffer.from(start + JSON.stringify(ONE)), type))
      expect([verdict, detail]).toEqual([
        '415 bad_content_type',
        'the body is JSON: add the header Content-Type: application/json',
      ])
    }
  })

  it('on the routes that take JSON alone, too', async () => {
    for (const path of ['/api/v1/corrections', '/predict']) {
      const { detail } = await problem(post('{}', 'application/x-www-form-urlencoded', path))
      expect(detail).toContain('add the header Content-Type: application/json')
    }
  })
})

describe('a form', () => {
  const form = (...fields: [string, string | Blob, string?][]) => {
    const data = new FormData()
    for (const [name, value, filename] of fields) {
      if (typeof value === 'string') data.append(name, value)
      else data.append(name, value, filename)
    }
    return data
  }
  const file = new Blob([PNG], { type: 'image/png' })

  it('is taken with one file in any field, whatever its name and the other fields say', async () => {
    const forms = [
      form(['file', file, '7.png']),
      form(['', file, '../../x']),
      form(['model', 'no model'], ['upload[]', new Blob([PNG]), 'x.exe'], ['label', '3']),
      form(['image', URL]),
    ]
    for (const one of forms) expect(await probabilities(post(one))).toEqual(EXPECTED)
  })

  it('is refused in words with none, with two, and with a file that is no picture', async () => {
    expect((await problem(post(form(['a', 'b'])))).verdict).toBe('422 no_file')
    expect((await problem(post(form(['a', file, 'a'], ['b', file, 'b'])))).verdict).toBe('422 several_files')
    expect((await problem(post(form(['a', new Blob(['GIF89a']), '7.png'])))).detail).toContain('GIF')
    const nothing = '--b\r\nContent-Disposition: form-data; name="a"; filename=""\r\n\r\n\r\n--b--\r\n'
    expect((await problem(post(nothing, 'multipart/form-data; boundary=b'))).verdict).toBe('400 empty_body')
    expect((await problem(post('a=1&b=2', 'application/x-www-form-urlencoded'))).verdict).toBe('415 bad_content_type')
  })
})

describe('a data URL is taken', () => {
  it.each([
    'text/plain;charset=UTF-8',
    undefined,
    'application/octet-stream',
    'image/png',
  ])('as a body of type %s', async (type) => {
    expect(await probabilities(post(Buffer.from(URL), type))).toEqual(EXPECTED)
  })

  it('in a field of a form without files, encoded or not', async () => {
    const type = 'application/x-www-form-urlencoded; charset=UTF-8'
    const fields = new URLSearchParams({ model: 'cnn', image: URL, label: '' })
    expect(await probabilities(post(fields))).toEqual(EXPECTED)
    expect(await probabilities(post(`image=${URL}`, type))).toEqual(EXPECTED)
    expect((await problem(post('image=7.png&a=data', type))).verdict).toBe('415 bad_content_type')
    expect((await problem(post(`${'&'.repeat(64)}image=${URL}`, type))).verdict).toBe('415 not_png')
    expect((await problem(post(`image=&${'a=1&'.repeat(64)}image=${URL}`, type))).verdict).toBe('415 bad_content_type')
  })
})

describe('JSON is taken', () => {
  const lines = BASE64.replace(/.{76}/g, '$&\n')
  const json = (image: string) => JSON.stringify({ image })
  const bodies: [string, string][] = [
    ['as JSON.stringify writes it', json(URL)],
    ['as PHP does, with escaped slashes', json(URL).replaceAll('/', '\\/')],
    [
      'as Gson and .NET do, with escaped equals and plus signs',
      json(URL).replaceAll('=', '\\u003d').replaceAll('+', '\\u002B'),
    ],
    ['with base64 in lines', json(`data:image/png;base64,${lines}`)],
    ['with a line break in the string, as a shell puts base64 there', `{"image": "data:image/png;base64,${lines}"}`],
    ['with base64 alone', json(BASE64)],
    ['with a byte order mark', `\ufeff${json(URL)}`],
    ['with a name that is escaped', json(URL).replace('image', 'im\\u0061ge')],
    ['indented', JSON.stringify({ image: URL }, null, 4)],
  ]
  it.each(bodies)('%s', async (_, body) => {
    expect(await probabilities(post(Buffer.from(body), 'application/json; charset=UTF-8'))).toEqual(EXPECTED)
  })

  it('in a correction likewise, and its PNG is stored as it was', async () => {
    const { post: correct, store } = correctingApp()
    for (const [k, [, body]] of bodies.entries()) {
      const corrected = body.replace(/\}$/, `, "label": ${k}}`)
      await correctionOf(correct(new Uint8Array(Buffer.from(corrected))), 201)
      const [row] = store.rows.whole(0, 99).slice(-1)
      expect([row.label, Buffer.compare(row.png, PNG)]).toEqual([k, 0])
    }
  })

  it.each([
    ['two images', `{"image":"${URL}","image":"${URL}"}`, '422 duplicate_field'],
    ['a short one and a long one', `{"image":"","image":"${URL}"}`, '422 duplicate_field'],
    ['a long name', `{"${'x'.repeat(100)}":"${URL}"}`, '422 unknown_field'],
    ['another field before it', `{"comment":"${'x'.repeat(100)}","image":"${URL}"}`, '422 unknown_field'],
    ['a placeholder', '{"image":"\\u0000"}', '422 bad_image'],
    ['a quote in it', `{"image":"${URL}\\""}`, '422 duplicate_field'],
    ['an escape that is none', `{"image":"${URL}\\x"}`, '400 bad_json'],
    ['no end', `{"image":"${URL}`, '400 bad_json'],
    ['something after it', `{"image":"${URL}"}}`, '400 bad_json'],
    ['70,000 bytes beside it', `{"image":"${URL}"${' '.repeat(70_000)}}`, '413 body_too_large'],
    ['70,000 bytes of quotes', `[${'"",'.repeat(23_000)}""]`, '413 body_too_large'],
  ])('but not with %s', async (_, body, expected) => {
    expect((await problem(post(body, 'application/json'))).verdict).toBe(expected)
  })
})

describe('the older programs’ routes take', () => {
  it('data URLs as leniently', async () => {
    const answers = [
      URL,
      `\ufeff${URL}\r\n`,
      BASE64,
      URL.replace(',', ',\n').replace('png;', 'jpeg;charset=utf-8;'),
      encodeURI(URL),
    ]
    const expected = await (await post(URL, 'text/plain', '/predict/')).text()
    expect(expected).toMatch(/^\[\d\]$/)
    for (const body of answers)
      expect(await (await post(Buffer.from(body), 'text/plain', '/predict/')).text()).toBe(expected)
  })

  it('pixels with a byte order mark', async () => {
    const canvas = JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 78_400 }, (_, k) => [
          k,
          (k >> 2) % 140 > 60 && (k >> 2) % 140 < 75 && k > 15_000 && k < 60_000 ? 255 : 0,
        ]),
      ),
    )
    for (const body of [canvas, `\ufeff${canvas}`]) {
      expect(await (await post(Buffer.from(body), 'application/json', '/predict')).text()).toMatch(/^\d$/)
    }
  })
})
