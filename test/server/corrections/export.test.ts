/** Corrections as files: read back by this program's own readers, and by the command line beside a running server. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { parseCsv } from '../../../core/data/csv.ts'
import { parseIdx } from '../../../core/data/idx.ts'
import { npyToTensor } from '../../../core/models/npy.ts'
import type { ExportName } from '../../../server/corrections/export.ts'
import { unzip } from '../../../server/files/unzip.ts'
import { run, start } from '../command.ts'
import { testWeights } from '../models/test-model.ts'
import { startServer } from '../running-server.ts'
import { markHeld } from '../store/held.ts'
import { correctingApp, givenCorrection, newFolder, OWNER, refusal, testStore } from './corrections.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'
const LIMIT = 64_000_000 // bytes

/** An application with corrections labelled 0, 1 ... 9, not-a-digit, and so on; what was kept. */
function filled(count: number) {
  const app = correctingApp({ quotas: false })
  const kept = Array.from({ length: count }, (_, seed) => {
    const png = PNG.sync.write(new PNG({ width: 8, height: 8 + (seed % 8) }))
    const one = givenCorrection(seed, { label: seed % 11, png, fromOwner: seed === 1 })
    return { ...one, id: app.store.corrections.keep(one).response.id }
  })
  const fetched = async (format: ExportName) => {
    const response = await app.request(`/api/v1/corrections/export?format=${format}`, { headers: OWNER })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="corrections/)
    return new Uint8Array(await response.arrayBuffer())
  }
  return { ...app, kept, digits: kept.filter(({ label }) => label < 10), fetched }
}

describe('an export of 200 corrections', () => {
  it('as csv is read back the same, the digits only, every cell a number', async () => {
    const { digits, fetched } = filled(200)
    const bytes = await fetched('csv')
    expect(Buffer.from(bytes).toString()).toMatch(/^[\d,\n]+$/)
    const { count, labels, images } = parseCsv(bytes)
    expect([count, [...labels]]).toEqual([digits.length, digits.map(({ label }) => label)])
    expect(Buffer.compare(images, Buffer.concat(digits.map(({ input }) => input)))).toBe(0)
  })

  it('as idx is two files as MNIST’s own', async () => {
    const { digits, fetched } = filled(200)
    const [images, labels] = await unzip(await fetched('idx'), LIMIT)
    expect([images.name, labels.name]).toEqual(['images-idx3-ubyte', 'labels-idx1-ubyte'])
    const read = parseIdx(images.bytes, labels.bytes)
    expect([...read.labels]).toEqual(digits.map(({ label }) => label))
    expect(Buffer.compare(read.images, Buffer.concat(digits.map(({ input }) => input)))).toBe(0)
  })

  it('as npz is images [n][28][28] and labels [n]', async () => {
    const { digits, fetched } = filled(200)
    const [images, labels] = await unzip(await fetched('npz'), LIMIT)
    expect([images.name, labels.name]).toEqual(['images.npy', 'labels.npy'])
    const n = digits.length
    const inks = npyToTensor(images.bytes, { name: 'images', shape: [n, 28, 28], length: n * 784, dtype: 'U8' })
    const read = npyToTensor(labels.bytes, { name: 'labels', shape: [n], length: n, dtype: 'U8' })
    expect([...read]).toEqual(digits.map(({ label }) => label))
    expect(Buffer.compare(inks as Uint8Array, Buffer.concat(digits.map(({ input }) => input)))).toBe(0)
  })

  it('as png is every drawing as it was sent, in a folder named by its label, and a table', async () => {
    const { kept, fetched } = filled(200)
    const members = await unzip(await fetched('png'), LIMIT)
    expect(members).toHaveLength(201)
    for (const [k, { id, label, png }] of kept.entries()) {
      expect(members[k].name).toBe(`${label === 10 ? 'not-a-digit' : label}/${id}.png`)
      expect(Buffer.compare(members[k].bytes, png)).toBe(0)
    }
    const lines = Buffer.from(members[200].bytes).toString().trim().split('\n')
    expect(lines[0]).toBe('file,label,model,version,answer,confidence,use,owner,at')
    expect(lines[2]).toMatch(/^1\/[0-9a-f-]{36}\.png,1,softmax,1,1,0\.5,waiting,1,2027-/)
    expect(lines.filter((line) => /(^|,)[=+\-@]/.test(line))).toEqual([])
  })

  it('is refused in another format, and of nothing is empty but whole', async () => {
    const { request, fetched } = filled(0)
    expect(await refusal(request('/api/v1/corrections/export?format=xls', { headers: OWNER }))).toBe('422 bad_format')
    expect(await fetched('csv')).toHaveLength(0)
    expect(await unzip(await fetched('png'), LIMIT)).toHaveLength(1)
    expect(await unzip(await fetched('idx'), LIMIT)).toHaveLength(2)
  })

  it('goes on when corrections are deleted meanwhile', async () => {
    const { store, kept } = filled(200)
    const parts: Uint8Array[] = []
    for await (const part of store.corrections.export('png', async () => {})) {
      if (parts.length === 0) for (const { id } of kept.slice(100)) store.corrections.forget(id, '', true)
      parts.push(part)
    }
    const members = await unzip(new Uint8Array(Buffer.concat(parts)), LIMIT)
    expect(members.length).toBe(101)
  })
})

describe('inkling corrections', () => {
  const weights = testWeights()

  it('lists and exports beside a running server, and leaves deleting to it', async () => {
    const INKLING_STATE = newFolder()
    const store = testStore({ quotas: false }, INKLING_STATE)
    const ids = [3, 4, 5].map((label) => store.corrections.keep(givenCorrection(label, { label })).response.id)
    store.close()
    const server = await startServer({ INKLING_STATE, INKLING_WEIGHTS: weights, INKLING_LEARNING: 'off' })
    const environment = { INKLING_STATE }
    const listed = await run(['corrections', 'list', '--json'], environment)
    const { corrections } = JSON.parse(listed.stdout) as { corrections: { id: string; label: number }[] }
    expect(corrections.map(({ id, label }) => [id, label])).toEqual([5, 4, 3].map((label, k) => [ids[2 - k], label]))
    expect((await run(['corrections', 'list', '--limit', '1'], environment)).stdout).toMatch(
      new RegExp(`^${ids[2]}  .* waiting\n$`),
    )
    const piped = await run(['corrections', 'export', '-'], environment)
    expect(parseCsv(Buffer.from(piped.stdout)).labels).toEqual(Uint8Array.of(3, 4, 5))
    const file = join(newFolder(), 'all.zip')
    expect((await run(['corrections', 'export', file, '--format', 'png'], environment)).code).toBe(0)
    expect(await unzip(readFileSync(file), LIMIT)).toHaveLength(4)
    expect(existsSync(`${file}.tmp`)).toBe(false)
    const refused = await run(['corrections', 'delete', ids[0]], environment)
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('already_running')])
    expect(await server.stop()).toBe(0)
    expect((await run(['corrections', 'delete', ids[0], ids[1]], environment)).stdout).toBe('2 of 2 deleted\n')
    expect((await run(['corrections', 'delete', ids[0]], environment)).code).toBe(1)
    const after = testStore({}, INKLING_STATE)
    expect(after.corrections.list({ limit: 9 }).map(({ id }) => id)).toEqual([ids[2]])
    after.close()
  })

  it('approves, trusts and blocks with the server stopped, and lists who sent what', async () => {
    const INKLING_STATE = newFolder()
    const store = testStore({ quotas: false }, INKLING_STATE)
    const ids = [1, 2, 3, 4].map((seed) => {
      const address = `10.0.0.${seed >> 1}`
      return store.corrections.keep(givenCorrection(seed, { address })).response.id
    })
    markHeld(store.database, [1, 2, 3, 4])
    store.close()
    const command = async (...words: string[]) => {
      const { code, stdout, stderr } = await run(['corrections', ...words], { INKLING_STATE })
      return code === 0 ? stdout : `${code} ${stderr}`
    }
    expect(await command('list', '--use', 'held', '--limit', '1')).toMatch(/ softmax 1 said 1 {2}sender 3 {2}held\n$/)
    expect(await command('approve', ids[0], ids[1])).toMatch(/^2 approved; /)
    expect(await command('approve', ids[2], NOBODY)).toMatch(/^1 inkling: no correction with that id/)
    expect(await command('list', '--use', 'held')).toContain(ids[2])
    expect(await command('approve', '--from', '2')).toMatch(/^1 approved/)
    expect(await command('block', '3')).toMatch(/^sender 3 is blocked/)
    expect(await command('approve', '--all')).toMatch(/^0 approved/)
    expect(await command('trust', '1')).toMatch(/^sender 1 is trusted/)
    expect(await command('senders')).toMatch(/^sender 3: 1 kept, 0 held back, 0 learned {2}\S+ {2}blocked$/m)
    expect(await command('unblock', '3')).toMatch(/^sender 3 is neither trusted nor blocked/)
    expect(JSON.parse(await command('senders', '--json'))).toMatchObject({
      senders: expect.arrayContaining([expect.objectContaining({ number: 1, standing: 'trusted' })]),
    })
    expect(await command('trust', '9')).toMatch(/^1 inkling: no corrections of a sender/)
    for (const words of [[], [ids[0], '--all'], ['--from', '1', '--all']]) {
      expect(await command('approve', ...words)).toMatch(/^2 inkling: which ones/)
    }
    expect(await command('trust', 'x')).toMatch(/^2 /)
  })

  it('says where nothing was taught yet, and takes no wrong use', async () => {
    const environment = { INKLING_STATE: newFolder() }
    const none = await run(['corrections', 'list'], environment)
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/^inkling: not_found: .*\n$/)])
    for (const words of [
      ['list', '--limit', 'x'],
      ['export'],
      ['export', '-', '--format', 'xls'],
      ['list', '--use', 'x'],
      ['bogus'],
      [],
    ]) {
      expect((await start(['corrections', ...words], environment).finished).code).toBe(2)
    }
  })
})
