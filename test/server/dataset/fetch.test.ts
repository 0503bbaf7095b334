import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogueEntry } from '../../../server/dataset/catalogue.ts'
import { type FetchOptions, fetchDataset } from '../../../server/dataset/fetch.ts'
import { verifyDataset } from '../../../server/dataset/verify.ts'
import { digits, folder, sha256, smallEntry } from './fixtures.ts'
import { cut, html, type Mirror, ranged, silent, startMirror, status, whole } from './mirror.ts'

let first: Mirror
let second: Mirror
beforeEach(async () => {
  first = await startMirror()
  second = await startMirror()
})
afterEach(async () => {
  await first.close()
  await second.close()
})

const notes: string[] = []
const options: FetchOptions = { pause: 1, note: (sentence) => notes.push(sentence) }
// Only for tests of silence: a busy machine may pause for 0.3 s.
const hasty = (expected: RegExp) => (expected.source.startsWith('no byte') ? { ...options, silence: 300 } : options)
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fetched',
    (error: Error) => error.message,
  )
const states = async (entry: CatalogueEntry, dir: string) => (await verifyDataset(entry, dir)).map(({ state }) => state)

/** Both mirrors know the labels; the second one has everything. */
function setUp(archived = false) {
  const dir = folder()
  const small = smallEntry([first.url, second.url], archived)
  first.on(small.labelName, ranged(small.packed[small.labelName]))
  for (const name of [small.imageName, small.labelName]) second.on(name, ranged(small.packed[name]))
  return { dir, ...small, body: small.packed[small.imageName], path: join(dir, 'small', small.imageName) }
}

describe('fetch', () => {
  it('stores whole files under their names, with nothing left beside them, and finds them there the next time', async () => {
    const { dir, entry, body, imageName, labelName, path, images } = setUp()
    first.on(imageName, ranged(body))
    const files = await fetchDataset(entry, dir, options)
    expect(files[0]).toEqual({ file: imageName, from: first.url + imageName, sha256: sha256(images) })
    expect(readFileSync(path)).toEqual(body)
    expect(readdirSync(join(dir, 'small')).sort()).toEqual([imageName, labelName])
    expect(await states(entry, dir)).toEqual(['right', 'right'])
    const before = first.requests.length
    expect((await fetchDataset(entry, dir, options)).map(({ from }) => from)).toEqual(['disk', 'disk'])
    expect(first.requests.length).toBe(before)
  })

  it('takes a mirror that packed the same bytes differently', async () => {
    const { dir, entry, imageName, images, path } = setUp()
    const other = gzipSync(images, { level: 1 })
    first.on(imageName, whole(other))
    await fetchDataset(entry, dir, options)
    expect(readFileSync(path)).toEqual(other)
  })

  const foreign = digits(40, 99).images
  const short = digits(39).images
  const failures: [string, RegExp, (body: Buffer) => Parameters<Mirror['on']>[1]][] = [
    ['404', /HTTP 404/, () => status(404)],
    ['403', /HTTP 403/, () => status(403)],
    ['500', /HTTP 500/, () => status(500)],
    ['an HTML page', /web page/, () => html()],
    ['an HTML page that calls itself gzip', /something else/, () => html('application/gzip')],
    ['an empty body', /gzip stream|truncated/, () => whole(Buffer.alloc(0))],
    ['a body cut in the middle, each time', /ended|connection failed/, (body) => cut(body, 4000)],
    ['a body cut in the middle that calls itself whole', /truncated/, (body) => whole(body.subarray(0, 4000))],
    ['another file of the same form', /another SHA-256/, () => whole(gzipSync(foreign))],
    ['fewer images than there should be', /expected 40 images/, () => whole(gzipSync(short))],
    [
      'a gzip stream that expands beyond the file',
      /more than|announces/,
      () => whole(gzipSync(Buffer.alloc(50_000_000))),
    ],
    ['a flipped bit', /bad_gzip|SHA-256/, (body) => whole(Buffer.from(body).fill(0xaa, 9000, 9001))],
    [
      'a body without end',
      /more than \d+ bytes/,
      () => (_, response) => {
        const chunk = Buffer.alloc(65_536)
        response.on('drain', () => response.write(chunk))
        response.writeHead(200).write(Uint8Array.of(0x1f, 0x8b))
        response.write(chunk)
      },
    ],
    [
      'an announced length far too large',
      /announces/,
      () => (_, response) => response.writeHead(200, { 'content-length': 1e12 }).write('\x1f'),
    ],
    ['nothing for 0.3 s', /no byte for 0.3 s/, (body) => silent(body, 1000)],
    ['no answer at all', /no byte for 0.3 s/, () => () => {}],
    ['a closed connection', /connection failed/, () => (request) => request.socket.destroy()],
    ['Content-Encoding: gzip', /Content-Encoding/, (body) => whole(body, { 'content-encoding': 'gzip' })],
    [
      '206 that was not requested',
      /HTTP 206/,
      (body) => (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(body),
    ],
  ]
  it.each(failures)('%s: is reported, and the next mirror is tried', async (_, expected, behaviour) => {
    const { dir, entry, body, imageName, path } = setUp()
    first.on(imageName, behaviour(body))
    notes.length = 0
    const files = await fetchDataset(entry, dir, hasty(expected))
    expect(files[0].from).toBe(second.url + imageName)
    expect(notes.join('\n')).toMatch(expected)
    expect(readFileSync(path)).toEqual(body)
    expect(readdirSync(join(dir, 'small'))).toHaveLength(2)
  })

  it.each(
    failures,
  )('%s on every mirror: one error with every reason, and no file under the right name', async (_, expected, behaviour) => {
    const { dir, entry, body, imageName, path } = setUp()
    first.on(imageName, behaviour(body))
    second.on(imageName, status(404))
    const message = await reason(fetchDataset(entry, dir, hasty(expected)))
    expect(message).toMatch(/^not_found: no mirror served x-train-images/)
    expect(message).toMatch(expected)
    expect(message).toMatch(/HTTP 404/)
    expect(existsSync(path)).toBe(false)
  })

  it('tries the mirror it is given first', async () => {
    const { dir, entry, imageName } = setUp()
    const files = await fetchDataset({ ...entry, mirrors: [first.url] }, dir, {
      ...options,
      mirrors: [second.url.slice(0, -1)],
    })
    expect(files[0].from).toBe(second.url + imageName)
  })

  it('replaces a wrong file that is already there', async () => {
    const { dir, entry, path, body } = setUp()
    mkdirSync(join(dir, 'small'))
    writeFileSync(path, gzipSync(foreign))
    expect(await states(entry, dir)).toEqual(['wrong', 'missing'])
    await fetchDataset(entry, dir, options)
    expect(readFileSync(path)).toEqual(body)
  })

  it('can be stopped', async () => {
    const { dir, entry, body, imageName } = setUp()
    first.on(imageName, silent(body, 1000))
    const signal = AbortSignal.timeout(50)
    expect(await reason(fetchDataset(entry, dir, { ...options, silence: 60_000, signal }))).toMatch(/timeout/)
  })
})

describe('resuming', () => {
  it('asks for the rest only, with If-Range, after a connection broke', async () => {
    const { dir, entry, body, imageName, path } = setUp()
    first.on(imageName, cut(body, 5000), ranged(body))
    await fetchDataset(entry, dir, options)
    const [cold, warm] = first.requests.filter((request) => request.path === imageName)
    expect(cold).toMatchObject({ range: undefined })
    expect(warm.ifRange).toBe('"1"')
    expect(Number(warm.range?.match(/\d+/)?.[0])).toBe(5000)
    expect(readFileSync(path)).toEqual(body)
  })

  it('is resumed in a later run', async () => {
    const { dir, entry, body, imageName, path } = setUp()
    first.on(imageName, cut(body, 5000), status(500))
    second.on(imageName, status(404))
    expect(await reason(fetchDataset(entry, dir, options))).toMatch(/HTTP 500/)
    first.on(imageName, ranged(body))
    await fetchDataset(entry, dir, options)
    expect(first.requests.at(-2)).toMatchObject({ path: imageName, range: 'bytes=5000-' })
    expect(readFileSync(path)).toEqual(body)
  })

  const others: [string, (body: Buffer) => Parameters<Mirror['on']>[1]][] = [
    ['the file has changed since (another ETag)', (body) => ranged(body, '"2"')],
    ['the server knows no ranges (200)', (body) => whole(body)],
    [
      'the server sends another range',
      (body) => (request, response) =>
        request.headers.range
          ? response
              .writeHead(206, { 'content-range': `bytes 0-99/${body.length}`, 'content-length': 100 })
              .end(body.subarray(0, 100))
          : whole(body)(request, response),
    ],
    [
      'the part is longer than the file (416)',
      (body) => (request, response) =>
        request.headers.range ? response.writeHead(416).end() : whole(body)(request, response),
    ],
  ]
  it.each(others)('starts over where %s', async (_, behaviour) => {
    const { dir, entry, body, imageName, path } = setUp()
    first.on(imageName, cut(body, 5000), behaviour(body))
    const files = await fetchDataset(entry, dir, options)
    expect(files[0].from).toBe(first.url + imageName)
    expect(readFileSync(path)).toEqual(body)
  })

  it('does not ask for a range where the server gave nothing to recognise the file by', async () => {
    const { dir, entry, body, imageName } = setUp()
    const bare: Parameters<Mirror['on']>[1] = (request, response) => {
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, 5000), () => request.socket.destroySoon())
    }
    first.on(imageName, bare, whole(body))
    await fetchDataset(entry, dir, options)
    expect(first.requests.map(({ range }) => range)).toEqual([undefined, undefined, undefined])
  })

  it("does not put one mirror's end to another mirror's beginning", async () => {
    const { dir, entry, body, imageName, images, path } = setUp()
    const other = gzipSync(images, { level: 1 })
    first.on(imageName, cut(other, 5000), status(404))
    await fetchDataset(entry, dir, options)
    expect(second.requests[0]).toMatchObject({ path: imageName, range: undefined })
    expect(readFileSync(path)).toEqual(body)
  })
})

describe('a data set published as one archive', () => {
  it('is taken out of it, digests are recorded, the archive goes', async () => {
    const { dir, entry, archive, imageName, labelName, path, body, images, labels } = setUp(true)
    first.on('gzip.zip', cut(archive, 9000), ranged(archive))
    const files = await fetchDataset(entry, dir, options)
    expect(files.map((file) => file.sha256)).toEqual([sha256(images), sha256(labels)])
    expect(readFileSync(path)).toEqual(body)
    expect(first.requests.at(-1)?.range).toBe('bytes=9000-')
    expect(readdirSync(join(dir, 'small')).sort()).toEqual(['digests.json', imageName, labelName])
    expect(await states(entry, dir)).toEqual(['right', 'right'])
  })

  it('is refused when its digest is wrong', async () => {
    const { dir, entry, archive } = setUp(true)
    first.on('gzip.zip', whole(Buffer.from(archive).fill(1, 200, 201)))
    expect(await reason(fetchDataset(entry, dir, options))).toMatch(/another SHA-256/)
    expect(readdirSync(join(dir, 'small'))).toEqual([])
  })

  it('is not fetched again when a run ended between transfer and use', async () => {
    const { dir, entry, archive, path, body } = setUp(true)
    mkdirSync(join(dir, 'small'))
    writeFileSync(join(dir, 'small', 'gzip.zip.part'), archive)
    await fetchDataset(entry, dir, options)
    expect(first.requests).toEqual([])
    expect(readFileSync(path)).toEqual(body)
  })

  it('notices a file that changed since its digest was recorded', async () => {
    const { dir, entry, archive, path } = setUp(true)
    first.on('gzip.zip', ranged(archive))
    await fetchDataset(entry, dir, options)
    writeFileSync(path, gzipSync(foreign()))
    const [file] = await verifyDataset(entry, dir)
    expect(file).toMatchObject({ state: 'wrong', expectedFrom: 'first fetch', detail: 'another SHA-256 than expected' })
  })

  it('trusts files that were copied there manually on first use, and says so', async () => {
    const { dir, entry, packed } = setUp(true)
    mkdirSync(join(dir, 'small'))
    for (const [name, bytes] of Object.entries(packed)) writeFileSync(join(dir, 'small', name), bytes)
    expect(await states(entry, dir)).toEqual(['unrecorded', 'unrecorded'])
    expect((await fetchDataset(entry, dir, options)).map(({ from }) => from)).toEqual(['disk', 'disk'])
    expect(await states(entry, dir)).toEqual(['right', 'right'])
  })

  function foreign() {
    return digits(40, 99).images
  }
})
