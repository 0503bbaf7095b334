/** GET /list and POST /process, /predict/ and /predict on a real socket: what their pages send, and bytes back. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PredictResponse } from '../../../../core/protocol.ts'
import { Random } from '../../../../core/random.ts'
import { DROPOUT, testModel, testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { testApp } from '../application.ts'
import { withoutHints } from '../quiet-server.ts'
import { send } from '../wire.ts'
import {
  ink,
  listModels,
  pixels,
  predictDataUrl,
  predictPixels,
  processFields,
  processForm,
  toDataUrl,
} from './legacy-clients.ts'

const WHITE = [255, 255, 255, 255] as const
const BLACK = [0, 0, 0, 255] as const
const CLEAR = [0, 0, 0, 0] as const
const GREY = [230, 230, 230, 255] as const // what Clear paints, #E6E6E6

const ELSEWHERE = { origin: 'https://number-guesser-ml.herokuapp.com' }
const DIGITS = [0, 1, 7]

const grid = (digit: number) =>
  ink(digit, 28, 3)
    .map((covered) => (covered ? '1' : '0'))
    .join('')
const field = (head: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]

describe('with every model there', () => {
  let server: RunningServer
  beforeAll(async () => {
    const ids = ['mlp-300-100-bn', 'forest', 'knn', 'boosted', 'softmax']
    const dropout = ['mlp-300-100', 'cnn'].map((id) => testModel(id, DROPOUT))
    const weights = testWeights(...dropout, ...ids.map((id) => testModel(id)))
    server = await startServer({ INKLING_WEIGHTS: weights, INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(async () => {
    expect(withoutHints(server.output())).not.toMatch(/inkling: /)
    expect(await server.stop()).toBe(0)
  })

  /** What the API says about a grid. */
  async function predicted(digit: number, query: string): Promise<number> {
    const cells = [...grid(digit)].map(Number)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ pixels: cells })
    const answer = await fetch(`${server.url}/api/v1/predict?${query}`, { method: 'POST', headers, body })
    return ((await answer.json()) as PredictResponse).digit
  }

  it('GET /list has the ids and names of the zoo, in its order, byte for byte', async () => {
    const { status, head, body } = await send(server.port, listModels(server.port, ELSEWHERE))
    expect([status, field(head, 'content-type')]).toEqual([200, 'application/json'])
    expect(body).toBe(
      '{"ann":"ANN","ann_bn":"ANN with BN","ann_mcd":"ANN with MC dropout","cnn":"CNN","cnn_mcd":"CNN with MC dropout","rf":"random forests"}',
    )
  })

  it.each([
    ['ann', 'model=mlp-300-100'],
    ['ann_bn', 'model=mlp-300-100-bn'],
    ['ann_mcd', 'model=mlp-300-100&samples=100'],
    ['cnn', 'model=cnn'],
    ['cnn_mcd', 'model=cnn&samples=100'],
    ['rf', 'model=forest'],
    ['knn', 'model=knn'],
    ['xgb', 'model=boosted'],
    ['lgbm', 'model=boosted'],
  ])('POST /process with %s answers the digit of ?%s, and nothing else', async (id, query) => {
    for (const digit of DIGITS) {
      const { status, head, body } = await send(server.port, processForm(server.port, grid(digit), id, ELSEWHERE))
      expect([status, body]).toEqual([200, String(await predicted(digit, query))])
      expect(field(head, 'content-type')).toBe('text/html; charset=utf-8')
      expect(field(head, 'access-control-allow-origin')).toBe('*')
    }
  })

  it('POST /process samples where the zoo did, and only there', async () => {
    const answer = async (id: string) => (await send(server.port, processForm(server.port, grid(1), id))).body
    const [plain, sampled] = [await predicted(1, 'model=cnn'), await predicted(1, 'model=cnn&samples=100')]
    expect(plain).not.toBe(sampled)
    expect([await answer('cnn'), await answer('cnn_mcd')]).toEqual([String(plain), String(sampled)])
  })

  const cells = grid(1)
  const bad: [string, (port: number) => string, string][] = [
    ['an unknown model', (port) => processForm(port, cells, 'svm'), 'invalid model'],
    ['an id that is ours but not the zoo’s', (port) => processForm(port, cells, 'forest'), 'invalid model'],
    ['__proto__ for a model', (port) => processForm(port, cells, '__proto__'), 'invalid model'],
    ['no model', (port) => processFields(port, { digit: cells }), 'invalid model'],
    ['neither', (port) => processFields(port, {}), 'invalid model'],
    ['both wrong', (port) => processForm(port, '', ''), 'invalid model'],
    [
      'a form that is cut off',
      (port) => processForm(port, cells, 'cnn').replace('cnn\r\n----', 'cnn\r\n____'),
      'invalid model',
    ],
    ['no digit', (port) => processFields(port, { model: 'cnn' }), 'invalid number'],
    ['783 cells', (port) => processForm(port, cells.slice(1), 'cnn'), 'invalid number'],
    ['785 cells', (port) => processForm(port, `${cells}0`, 'cnn'), 'invalid number'],
    ['a cell of 2', (port) => processForm(port, `2${cells.slice(1)}`, 'cnn'), 'invalid number'],
    ['a cell that is a letter', (port) => processForm(port, `x${cells.slice(1)}`, 'cnn'), 'invalid number'],
    ['an empty grid', (port) => processForm(port, '0'.repeat(784), 'cnn'), 'invalid number'],
    ['a full grid', (port) => processForm(port, '1'.repeat(784), 'cnn'), 'invalid number'],
  ]
  it.each(
    bad,
  )('POST /process answers %s with 400 and two words, which their page may read', async (_, request, words) => {
    const { status, head, body } = await send(server.port, request(server.port))
    expect([status, body]).toEqual([400, words])
    expect(field(head, 'content-type')).toBe('text/html; charset=utf-8')
    expect(field(head, 'access-control-allow-origin')).toBe('*')
  })

  it('POST /process takes a form that is no multipart too, and nothing above 8,192 bytes', async () => {
    const body = new URLSearchParams({ model: 'ann', digit: cells })
    const answer = await fetch(`${server.url}/process`, { method: 'POST', body })
    expect([answer.status, await answer.text()]).toEqual([200, String(await predicted(1, 'model=mlp-300-100'))])
    const { verdict, head } = await send(server.port, processForm(server.port, cells.repeat(11), 'ann', ELSEWHERE))
    expect(verdict).toBe('413 body_too_large')
    expect(field(head, 'access-control-allow-origin')).toBe('*')
  })

  it('asks a browser’s leave for other pages on /list and /process, and on no other path', async () => {
    const ask = (path: string) =>
      `OPTIONS ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nOrigin: ${ELSEWHERE.origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n`
    for (const path of ['/list', '/process']) {
      const { status, head } = await send(server.port, ask(path))
      expect([status, field(head, 'access-control-allow-origin')]).toEqual([204, '*'])
      expect(field(head, 'access-control-allow-methods')).toBe('GET, POST')
    }
    for (const path of ['/predict', '/predict/', '/api/v1/predict']) {
      const { status, head } = await send(server.port, ask(path))
      expect([status, field(head, 'access-control-allow-origin')]).toEqual([405, undefined])
    }
  })

  it('refuses other sites on the paths whose pages lived on their own server, and a foreign Host everywhere', async () => {
    const { port } = server
    const url = toDataUrl(pixels(ink(1, 280, 22), BLACK, WHITE))
    for (const request of [
      predictDataUrl(port, url, ELSEWHERE),
      predictPixels(port, pixels(ink(1, 140, 10), WHITE, CLEAR), ELSEWHERE),
    ]) {
      const { verdict, head } = await send(port, request)
      expect([verdict, field(head, 'access-control-allow-origin')]).toEqual(['403 cross_site', undefined])
    }
    const foreign = processForm(port, cells, 'ann').replace(`Host: localhost:${port}`, 'Host: evil.example')
    expect((await send(port, foreign)).verdict).toBe('421 foreign_host')
  })

  it('gives everybody the answer to their own drawing, however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, k) => {
        const url = toDataUrl(pixels(ink(DIGITS[k % 3], 28, 3), BLACK, WHITE))
        return send(server.port, predictDataUrl(server.port, url)).then(({ body }) => body)
      }),
    )
    const alone = await Promise.all(
      DIGITS.map(async (digit) => {
        const url = toDataUrl(pixels(ink(digit, 28, 3), BLACK, WHITE))
        return (await send(server.port, predictDataUrl(server.port, url))).body
      }),
    )
    expect(new Set(alone).size).toBeGreaterThan(1)
    expect(answers).toEqual(answers.map((_, k) => alone[k % 3]))
  })
})

describe('with the shipped models', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  it.each([
    ['before Clear, black on nothing', BLACK, CLEAR],
    ['after Clear, black on grey', BLACK, GREY],
    ['white on black', WHITE, BLACK],
  ] as const)('POST /predict/ answers [n] to a canvas of 280x280 px %s', async (_, pen, paper) => {
    for (const digit of DIGITS) {
      const url = toDataUrl(pixels(ink(digit, 280, 22), pen, paper))
      const { status, head, body } = await send(server.port, predictDataUrl(server.port, url))
      expect([status, body]).toEqual([200, `[${digit}]`])
      expect(field(head, 'content-type')).toBe('text/html; charset=utf-8')
    }
  })

  it.each([
    ['white on nothing, as fabric leaves it', WHITE, CLEAR],
    ['white on black', WHITE, BLACK],
    ['black on white', BLACK, WHITE],
  ] as const)('POST /predict answers n to 78,400 values of 140x140 px %s', async (_, pen, paper) => {
    for (const digit of DIGITS) {
      const rgba = pixels(ink(digit, 140, 10), pen, paper)
      const { status, head, body } = await send(server.port, predictPixels(server.port, rgba))
      expect([status, body]).toEqual([200, String(digit)])
      expect(field(head, 'content-type')).toBe('text/html; charset=utf-8')
    }
  })

  const whole = JSON.stringify(pixels(ink(1, 140, 10), WHITE, BLACK))
  const object = (body: string, type = 'application/json') =>
    `POST /predict HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const url = (text: string) => predictDataUrl(server.port, text)
  const refused: [string, () => string, string][] = [
    ['POST /predict with a value of 256', () => object(whole.replace('"0":0', '"0":256')), '422 bad_pixels'],
    ['POST /predict with a value of 0.5', () => object(whole.replace('"0":0', '"0":0.5')), '422 bad_pixels'],
    ['POST /predict with a value of null', () => object(whole.replace('"0":0', '"0":null')), '422 bad_pixels'],
    ['POST /predict with a key of another name', () => object(whole.replace('"0":0', '"x":0')), '422 bad_pixels'],
    ['POST /predict with a value too few', () => object(whole.replace('"0":0,', '')), '422 bad_pixels'],
    ['POST /predict with a value too many', () => object(whole.replace('{', '{"x":0,')), '422 bad_pixels'],
    ['POST /predict with null', () => object('null'), '422 bad_pixels'],
    ['POST /predict cut off', () => object(whole.slice(0, -1)), '400 bad_json'],
    ['POST /predict of text', () => object(whole, 'text/plain'), '415 bad_content_type'],
    ['POST /predict of a megabyte', () => object(whole.padEnd(1_048_577)), '413 body_too_large'],
    ['POST /predict of nothing drawn', () => object(whole.replaceAll(/:\d+/g, ':255')), '422 blank_image'],
    ['POST /predict/ of nothing', () => url(''), '400 empty_body'],
    ['POST /predict/ of no data URL', () => url('hello'), '422 bad_image'],
    ['POST /predict/ of an empty canvas', () => url('data:,'), '422 bad_image'],
    ['POST /predict/ of no PNG', () => url('data:image/png;base64,R0lGODlh'), '415 not_png'],
    ['POST /predict/ of too much', () => url(`data:image/png;base64,${'A'.repeat(4_194_304)}`), '413 body_too_large'],
    ['POST /predict/ of nothing drawn', () => url(toDataUrl(pixels(ink(1, 280, 0), GREY, GREY))), '422 blank_image'],
    ['GET /predict/', () => `GET /predict/ HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`, '400 empty_body'],
    ['GET /predict', () => `GET /predict HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`, '405 method_not_allowed'],
    ['GET /process', () => `GET /process HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`, '405 method_not_allowed'],
  ]
  it.each(refused)('%s is refused, and never a crash', async (_, request, expected) => {
    expect((await send(server.port, request())).verdict).toBe(expected)
    expect(withoutHints(server.output())).not.toMatch(/inkling: /)
  })
})

describe('with few models and little quota', () => {
  let server: RunningServer
  beforeAll(async () => {
    const weights = testWeights(testModel('cnn'), testModel('softmax'))
    server = await startServer({ INKLING_WEIGHTS: weights, INKLING_RATE_LIMIT: '9' })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  it('GET /list names what is there only', async () => {
    const { body } = await send(server.port, listModels(server.port))
    expect(body).toBe('{"cnn":"CNN","cnn_mcd":"CNN with MC dropout"}')
    expect((await send(server.port, processForm(server.port, grid(1), 'ann'))).body).toBe('invalid model')
  })

  it('every prediction counts, and who is over the quota may read that and when to come back', async () => {
    // a model without dropout answers with one pass where samples are wanted
    expect((await send(server.port, processForm(server.port, grid(1), 'cnn_mcd'))).status).toBe(200)
    expect((await send(server.port, predictDataUrl(server.port, 'x'))).verdict).toBe('422 bad_image')
    const { verdict, head } = await send(server.port, processForm(server.port, grid(1), 'cnn', ELSEWHERE))
    expect(verdict).toBe('429 rate_limited')
    expect(field(head, 'retry-after')).toMatch(/^[1-7]$/)
    expect(field(head, 'access-control-allow-origin')).toBe('*')
  })
})

describe('mutated bodies', () => {
  const { request, warnings } = testApp({}, testWeights(testModel('cnn')))
  const bodyOf = (message: string) => message.slice(message.indexOf('\r\n\r\n') + 4)
  const typeOf = (message: string) => field(message, 'Content-Type') as string
  const seeds = (
    [
      ['/process', processForm(0, grid(1), 'cnn')],
      ['/predict/', predictDataUrl(0, toDataUrl(pixels(ink(1, 28, 3), BLACK, WHITE)))],
    ] as const
  ).map(([path, message]) => ({ path, type: typeOf(message), body: Buffer.from(bodyOf(message), 'latin1') }))

  it('of forms and data URLs, 1,000 each, get 200 or a refusal, and nothing is worth a line in the log', async () => {
    const random = new Random(31, 0)
    for (const { path, type, body } of seeds) {
      const statuses = new Map<number, number>()
      for (let k = 0; k < 1000; k++) {
        const bytes = [...body]
        for (let edits = 1 + random.below(3); edits > 0; edits--) {
          const at = random.below(bytes.length)
          const kind = random.below(3)
          if (kind === 0) bytes[at] = random.below(256)
          else if (kind === 1) bytes.splice(at, 1 + random.below(60))
          else bytes.splice(at, 0, ...bytes.slice(random.below(at + 1), at).slice(0, 200))
        }
        const headers = { 'content-type': random.below(10) === 0 ? type.slice(0, random.below(type.length)) : type }
        const { status } = await request(path, { method: 'POST', headers, body: Uint8Array.from(bytes) })
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
      expect(statuses.size).toBeGreaterThan(1)
    }
    expect(warnings).toEqual([])
  })
})
