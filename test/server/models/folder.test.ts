/** A folder of models that changes while the application answers from it. */

import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelsResponse, PredictAllResponse, PredictResponse, Problem } from '../../../core/protocol.ts'
import { loadedMemory } from '../../../core/recognizer.ts'
import { createSharing } from '../../../server/http/downloads.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import type { ModelStore } from '../../../server/models/model-store.ts'
import { runTool } from '../../child-processes.ts'
import { ONE, testApp } from '../http/application.ts'
import { DROPOUT, testModel, testWeights, writeModel } from './test-model.ts'

const BODY = JSON.stringify(ONE)
const JSON_TYPE = 'application/json'

/** An application over a folder with the models a and b, and a clock that stands still unless moved. */
function watched(...ids: string[]) {
  const clock = { time: 0 }
  const root = testWeights(...(ids.length > 0 ? ids : ['a', 'b']).map((id) => testModel(id)))
  const app = testApp({ now: () => clock.time }, root)
  const listing = async () => {
    clock.time += 1000
    return (await (await app.request('/api/v1/models')).json()) as ModelsResponse
  }
  const ask = async (query: string) => {
    const answer = await app.predict(BODY, JSON_TYPE, query)
    const body = (await answer.json()) as PredictResponse & Problem
    return { ...body, status: answer.status }
  }
  return { ...app, clock, root, listing, ask }
}

const ids = ({ models }: ModelsResponse) => models.map(({ id }) => id)

/** Gives a model in the folder another card. */
function editCard(root: string, id: string, changes: Record<string, unknown>): void {
  const path = join(root, id, 'card.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

describe('a folder of models', () => {
  it('shows one that is dropped in, without a restart', async () => {
    const { root, listing, ask } = watched()
    expect(ids(await listing())).toEqual(['a', 'b'])
    writeModel(root, testModel('c'))
    expect(ids(await listing())).toEqual(['a', 'b', 'c'])
    expect((await ask('?model=c')).model).toBe('c')
  })

  it('is looked at for an unknown id too, but not again within a second', async () => {
    const { root, clock, ask } = watched()
    clock.time = 1000
    expect((await ask('?model=c')).code).toBe('unknown_model')
    writeModel(root, testModel('c'))
    clock.time = 1999
    expect((await ask('?model=c')).code).toBe('unknown_model')
    clock.time = 2000
    expect((await ask('?model=c')).status).toBe(200)
  })

  it('is looked at for an unknown id alone, and never outside of it or at what is no model', async () => {
    const { root, clock, ask } = watched()
    clock.time = 1000
    writeModel(root, testModel('c'))
    writeModel(root, testModel('d'))
    symlinkSync(join(root, 'a'), join(root, 'e'))
    expect((await ask('?model=c')).status).toBe(200)
    expect((await ask('?model=d')).status).toBe(200)
    for (const id of ['e', '..', '.', '../a', 'a/../b', 'c.old']) {
      expect((await ask(`?model=${encodeURIComponent(id)}`)).status).toBeGreaterThanOrEqual(404)
    }
  })

  it('with 25 broken models has 20 of them in the log, and the number of the others; in the answer all', async () => {
    const root = testWeights()
    for (let k = 0; k < 25; k++) mkdirSync(join(root, `m${k}`))
    const log: string[] = []
    const zoo = new ModelFolder(
      root,
      () => performance.now(),
      (line) => log.push(line),
    )
    expect(log).toHaveLength(21)
    expect(log[0]).toBe('model m0 is skipped: card.json is not there')
    expect(log[20]).toBe('5 more models are skipped; GET /api/v1/models says why')
    expect(zoo.broken()).toHaveLength(25)
  })

  it('is scanned in pieces of 8 ms, by one scan for all who wait, and shows what it found after the last', async () => {
    const root = testWeights(...Array.from({ length: 10 }, (_, k) => testModel(`m${k}`)))
    let time = 0
    const zoo = new ModelFolder(
      root,
      () => (time += 3),
      () => {},
    )
    for (let k = 0; k < 10; k++) rmSync(join(root, `m${k}`), { recursive: true })
    for (let k = 0; k < 40; k++) writeModel(root, testModel(`n${k}`))
    time += 2000
    const seen: number[] = []
    const pause = async () => {
      seen.push(zoo.list().length)
    }
    await Promise.all([zoo.rescan(pause), zoo.rescan(pause)])
    expect(seen.length).toBeGreaterThanOrEqual(10)
    expect(seen.length).toBeLessThanOrEqual(40)
    expect(new Set(seen)).toEqual(new Set([10]))
    expect(zoo.list()).toHaveLength(40)
  })

  it('has its weights read 32 models at a time where that takes longer than 0.3 s, and all after a few calls', async () => {
    const root = testWeights(...Array.from({ length: 70 }, (_, k) => testModel(`m${k}`)))
    for (let k = 0; k < 70; k++) truncateSync(join(root, `m${k}`, 'weights.safetensors'), 31_000)
    for (let k = 0; k < 70; k++) editCard(root, `m${k}`, { weights: { ...testModel().card.weights, bytes: 31_000 } })
    let time = 0
    const zoo = new ModelFolder(
      root,
      () => (time += 400),
      () => {},
    )
    const broken: number[] = []
    for (let k = 0; k < 3; k++) {
      await zoo.verify(async () => {})
      broken.push(zoo.broken().length)
    }
    expect(broken).toEqual([32, 64, 70])
  })

  it('loads a model again when its card changes, and not when a file is only touched', async () => {
    const { root, listing, ask } = watched()
    expect((await ask('?model=a')).version).toBe(1)
    expect((await listing()).models[0].state).toBe('loaded')
    utimesSync(join(root, 'a', 'card.json'), new Date(0), new Date(0))
    expect((await listing()).models[0].state).toBe('loaded')
    editCard(root, 'a', { version: 2 })
    expect((await listing()).models[0]).toMatchObject({ version: 2, state: 'available' })
    expect((await ask('?model=a')).version).toBe(2)
  })

  it('has a model whose folder is replaced answer with its new weights', async () => {
    const { root, listing, ask } = watched()
    const before = await ask('?model=a')
    writeModel(root, testModel('a', DROPOUT))
    expect((await listing()).models[0].dropout).toBe(true)
    expect((await ask('?model=a')).probabilities).not.toEqual(before.probabilities)
  })

  it('no longer has one that is removed', async () => {
    const { root, listing, ask } = watched()
    await ask('?model=a')
    rmSync(join(root, 'a'), { recursive: true })
    expect(ids(await listing())).toEqual(['b'])
    expect(await ask('?model=a')).toMatchObject({ status: 404, code: 'unknown_model' })
    expect((await ask('?model=b')).status).toBe(200)
    expect((await ask('')).model).toBe('b')
  })

  it('may go away altogether: what is loaded answers, and the log says so', async () => {
    const { root, listing, ask, warnings } = watched()
    await ask('?model=a')
    rmSync(root, { recursive: true })
    expect(ids(await listing())).toEqual(['a'])
    expect((await ask('?model=a')).status).toBe(200)
    expect(warnings[0]).toMatch(/^the folder of models cannot be read: .*ENOENT/)
  })
})

describe('a broken model', () => {
  const flip = (path: string) => {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(path, bytes)
  }
  const weights = (folder: string) => join(folder, 'weights.safetensors')
  const cases: [string, (folder: string, root: string) => void, RegExp][] = [
    ['a bit of whose weights is flipped', (folder) => flip(weights(folder)), /SHA-256/],
    ['whose weights are cut off', (folder) => truncateSync(weights(folder), 100), /100 bytes/],
    ['whose weights are missing', (folder) => rmSync(weights(folder)), /weights file is not there/],
    ['whose card is missing', (folder) => rmSync(join(folder, 'card.json')), /card\.json is not there/],
    ['whose card is no JSON', (folder) => writeFileSync(join(folder, 'card.json'), '{"id"'), /not JSON/],
    ['whose card has no layers', (_, root) => editCard(root, 'a', { layers: [] }), /layers/],
    ['of an unknown type', (_, root) => editCard(root, 'a', { type: 'oracle' }), /type/],
    ['of another preprocessing', (_, root) => editCard(root, 'a', { preprocess: 99 }), /preprocessing 99/],
    ['that calls itself b', (_, root) => editCard(root, 'a', { id: 'b' }), /model b/],
    [
      'whose weights lead out of the folder',
      (folder) => {
        rmSync(weights(folder))
        symlinkSync('/etc/hostname', weights(folder))
      },
      /bytes|regular/,
    ],
    [
      'whose card is a pipe that nobody writes to',
      (folder) => {
        rmSync(join(folder, 'card.json'))
        runTool('mkfifo', join(folder, 'card.json'))
      },
      /regular/,
    ],
  ]

  it.each(cases)('%s is reported with a reason and without a path; the others answer', async (_, damage, reason) => {
    const { root, listing, ask, warnings } = watched()
    damage(join(root, 'a'), root)
    const answer = await listing()
    expect(ids(answer)).toEqual(['b'])
    expect(answer.broken).toEqual([{ id: 'a', problem: expect.stringMatching(reason) }])
    expect(answer.broken[0].problem).not.toMatch(/\/|\n|at /)
    expect(await ask('?model=a')).toMatchObject({ status: 503, code: 'broken_model' })
    expect((await ask('')).model).toBe('b')
    await listing()
    const logged = warnings.filter((line) => line.startsWith('model a is skipped: '))
    expect(logged).toHaveLength(String(reason).includes('preprocessing') ? 0 : 1) // that is the recogniser's finding
  })

  it('is there again when it is mended', async () => {
    const { root, listing, ask } = watched()
    flip(weights(join(root, 'a')))
    expect(ids(await listing())).toEqual(['b'])
    flip(weights(join(root, 'a')))
    expect(await listing()).toMatchObject({ models: [{ id: 'a' }, { id: 'b' }], broken: [] })
    expect((await ask('?model=a')).status).toBe(200)
  })

  it('that was never used is found when the models are listed', async () => {
    const { root, clock, ask, listing } = watched('a', 'b', 'c')
    flip(weights(join(root, 'c')))
    clock.time = 500
    expect((await ask('?model=a')).status).toBe(200)
    expect((await listing()).broken.map(({ id }) => id)).toEqual(['c'])
  })

  it('called all, and folders being replaced or hidden, are not taken for models', async () => {
    const { root, listing } = watched('a', 'all')
    for (const name of ['a.new', 'a.old', '.hidden']) mkdirSync(join(root, name))
    writeFileSync(join(root, 'README.md'), 'models')
    const answer = await listing()
    expect(ids(answer)).toEqual(['a'])
    expect(answer.broken).toEqual([{ id: 'all', problem: 'no model can be called all' }])
  })
})

describe('memory', () => {
  it('holds as many models as fit; the one unused for longest makes room', async () => {
    const models = ['a', 'b', 'c'].map((id) => testModel(id))
    const { predict, request } = testApp({}, testWeights(...models), { memory: 2 * loadedMemory(models[0].card) })
    const states = async () =>
      ((await (await request('/api/v1/models')).json()) as ModelsResponse).models.map(({ state }) => state)
    expect(await states()).toEqual(['available', 'available', 'available'])
    for (const id of ['a', 'b', 'c']) expect((await predict(BODY, JSON_TYPE, `?model=${id}`)).status).toBe(200)
    expect(await states()).toEqual(['available', 'loaded', 'loaded'])
    expect((await predict(BODY, JSON_TYPE, '?model=all')).status).toBe(200)
  })
})

describe('?model=all', () => {
  it('has every model answer as it does alone, with its time, and lists the broken ones', async () => {
    const { root, ask, predict, listing } = watched('a', 'b', 'c')
    writeModel(root, testModel('d', DROPOUT))
    truncateSync(join(root, 'b', 'weights.safetensors'), 10)
    await listing()
    const response = await predict(BODY, JSON_TYPE, '?model=all&input=1')
    const { id, answers, input, timing } = (await response.json()) as PredictAllResponse
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(input).toHaveLength(784)
    expect(timing.total).toBeGreaterThanOrEqual(0)
    expect(answers.map(({ model }) => model)).toEqual(['a', 'c', 'd', 'b'])
    expect(answers[3]).toEqual({ model: 'b', problem: expect.stringContaining('10 bytes') })
    for (const answer of answers.slice(0, 3)) {
      const { version, digit, confidence, verdict, other, probabilities } = await ask(`?model=${answer.model}`)
      const time = expect.any(Number)
      expect(answer).toEqual({ model: answer.model, version, digit, confidence, verdict, other, probabilities, time })
    }
  })

  it('lists a model that turns out to be broken only now', async () => {
    const { root, predict } = watched()
    const path = join(root, 'b', 'weights.safetensors')
    writeFileSync(path, readFileSync(path).fill(7, 1000, 1001))
    const { answers } = (await (await predict(BODY, JSON_TYPE, '?model=all')).json()) as PredictAllResponse
    expect(answers).toEqual([
      expect.objectContaining({ model: 'a', digit: expect.any(Number) }),
      { model: 'b', problem: expect.stringContaining('SHA-256') },
    ])
  })

  it('costs a quarter of a prediction per model: of 12 at once, nine models are three', async () => {
    const root = testWeights(...Array.from({ length: 9 }, (_, k) => testModel(`m${k}`)))
    const { predict } = testApp({ ratePerMinute: 36, now: () => 0 }, root)
    const statuses = []
    for (let k = 0; k < 5; k++) statuses.push((await predict(BODY, JSON_TYPE, '?model=all')).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
  })
})

describe('?samples=', () => {
  const { predict } = testApp({}, testWeights(testModel('plain'), testModel('dropout', DROPOUT)))
  const ask = async (query: string) => {
    const answer = await predict(BODY, JSON_TYPE, query)
    return { ...((await answer.json()) as PredictResponse & Problem), status: answer.status }
  }

  it('averages passes with dropout and gives their spread; the same drawing gets the same answer', async () => {
    const answer = await ask('?model=dropout&samples=100')
    expect(answer).toMatchObject({ status: 200, model: 'dropout', samples: 100 })
    expect(answer.spread).toHaveLength(10)
    expect(Math.max(...(answer.spread ?? []))).toBeGreaterThan(0)
    expect(Math.abs(answer.probabilities.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6)
    const again = await ask('?model=dropout&samples=100')
    expect([again.probabilities, again.spread]).toEqual([answer.probabilities, answer.spread])
    expect(answer.timing.infer).toBeGreaterThan(0)
  })

  it.each(['0', '1001', '', 'x', '1e2', '-1', '1.5', '99999'])('%s is refused: 422 bad_samples', async (samples) => {
    expect(await ask(`?model=dropout&samples=${samples}`)).toMatchObject({ status: 422, code: 'bad_samples' })
  })

  it('of a model without dropout is refused: 422 no_dropout; of all at once: 422 bad_samples', async () => {
    expect(await ask('?model=plain&samples=10')).toMatchObject({ status: 422, code: 'no_dropout' })
    expect(await ask('?model=all&samples=10')).toMatchObject({ status: 422, code: 'bad_samples' })
  })

  it('costs a prediction more for every 50', async () => {
    const { predict } = testApp({ ratePerMinute: 30, now: () => 0 }, testWeights(testModel('dropout', DROPOUT)))
    const statuses = []
    for (let k = 0; k < 4; k++) statuses.push((await predict(BODY, JSON_TYPE, '?samples=100')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })
})

describe('weights in another format', () => {
  const { request } = testApp()
  const path = '/api/v1/models/softmax/weights?format='

  it('are converted, with a tag and a name of their own', async () => {
    const answer = await request(`${path}f32`)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(testModel().data)
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="softmax.f32"')
    const tag = answer.headers.get('etag') as string
    expect(tag).toMatch(/^"[0-9a-f]{64}-f32"$/)
    expect((await request(`${path}f32`, { headers: { 'if-none-match': tag } })).status).toBe(304)
  })

  it.each(['csv', 'npy', 'npz'])('may be %s', async (format) => {
    const answer = await request(path + format)
    expect(answer.status).toBe(200)
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(31_400)
  })

  it('are held once for all who download them at the same time', () => {
    const share = createSharing()
    let made = 0
    const make = () => ({
      filename: `${++made}.csv`,
      type: 'text/csv',
      bytes: new Uint8Array([1, 2, 3, 4]).subarray(1),
    })
    const files = ['a', 'a', 'b', 'a'].map((key) => share(key, make))
    expect(files.map(({ filename, bytes }) => [filename, ...bytes])).toEqual([
      ['1.csv', 2, 3, 4],
      ['1.csv', 2, 3, 4],
      ['2.csv', 2, 3, 4],
      ['1.csv', 2, 3, 4],
    ])
    expect(files[3].bytes.buffer).toBe(files[0].bytes.buffer)
  })

  it('are read once while their bytes are in memory, in the format of the weights file too', async () => {
    const { card, bytes } = testModel()
    const file = bytes.slice()
    let reads = 0
    const models: ModelStore = {
      rescan: async () => {},
      verify: async () => {},
      load: () => ({ card, data: file }),
      file: () => {
        reads++
        return file
      },
    }
    const { request } = testApp({ models })
    for (let k = 0; k < 3; k++) {
      const answer = await request('/api/v1/models/softmax/weights')
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(file)
    }
    expect(reads).toBe(1)
  })

  it('may not be one that is not known: 422 bad_format', async () => {
    const answer = await request(`${path}xml`)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ code: 'bad_format' })
  })
})
