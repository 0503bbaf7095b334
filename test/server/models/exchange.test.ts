import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Card, NetworkCard } from '../../../core/models/card.ts'
import { modelTensors } from '../../../core/models/create-model.ts'
import { roundWeights } from '../../../core/models/eight-bits.ts'
import { parameterLayout } from '../../../core/models/layout.ts'
import { encodeTensors } from '../../../core/models/safetensors.ts'
import { joinTensors, type TensorSpec, tensorBytes } from '../../../core/models/tensor.ts'
import { zip } from '../../../core/models/zip.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import { EXPORT_FORMATS, type ExportFormat, exportModel, exportTensors } from '../../../server/models/export.ts'
import { importTensors } from '../../../server/models/import.ts'
import { selfTestedModel } from '../../../server/models/imported-card.ts'
import { loadModel } from '../../../server/models/load.ts'
import { saveModel } from '../../../server/models/save.ts'
import { runProcess } from '../../child-processes.ts'
import { noData } from '../../data-sets.ts'
import { testUnless } from '../../skip.ts'
import { ROOT, run } from '../command.ts'
import { knowingModel, testModel } from './test-model.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-exchange-'))
const models = join(root, 'models')
const NO_DATA = { INKLING_DATA: join(root, 'nothing') }
afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeEach(() => {
  rmSync(models, { recursive: true, force: true })
  const { card, bytes } = testModel()
  saveModel(join(models, card.id), { 'card.json': JSON.stringify(card), [card.weights.file]: bytes })
})

const { card: CARD, data: DATA, bytes: BYTES } = testModel()
const TENSORS = modelTensors(CARD)

/** A file or folder that holds a model in this format, as `inkling export` leaves it. */
function exported(card: Card, data: Uint8Array, format: ExportFormat): string {
  const folder = mkdtempSync(join(root, 'export-'))
  const files =
    format === 'csv' || format === 'npy' ? exportTensors(card, data, format) : [exportModel(card, data, format)]
  for (const { filename, bytes } of files) writeFileSync(join(folder, filename), bytes)
  return files.length > 1 ? folder : join(folder, files[0].filename)
}

/** Runs a command with bytes on its standard input; what it prints comes back as bytes. */
function piped(words: readonly string[], input?: Uint8Array) {
  const env = { ...process.env, ...NO_DATA }
  return runProcess(process.execPath, ['server/inkling.js', ...words], { cwd: ROOT, env, ...(input && { input }) })
}

const card = (id: string): Card => JSON.parse(readFileSync(join(models, id, 'card.json'), 'utf8'))

describe('a model comes back bit for bit', () => {
  const shipped = readdirSync(SHIPPED_MODELS).filter((id) => existsSync(join(SHIPPED_MODELS, id, 'card.json')))
  test.each(
    shipped.flatMap((id) => EXPORT_FORMATS.map((format) => [id, format] as const)),
  )('when %s is exported and imported as %s', async (id, format) => {
    const { card, data } = loadModel(join(SHIPPED_MODELS, id))
    const back = await importTensors(exported(card, data, format), format, modelTensors(card))
    expect(sha256(back)).toBe(sha256(data))
  })

  test.each(['csv', 'npy'] as const)('from the zip archive of %s files that a browser downloads', async (format) => {
    const { filename, type, bytes } = exportModel(CARD, DATA, format)
    expect([filename, type]).toEqual([format === 'npy' ? 'softmax.npz' : 'softmax.csv.zip', 'application/zip'])
    const path = join(root, filename)
    writeFileSync(path, bytes)
    expect(await importTensors(path, 'npz', TENSORS)).toEqual(DATA)
  })

  test('with eleven outputs too; its threshold stays with its own weights alone', async () => {
    const knowing = knowingModel('knowing', 0.7)
    saveModel(join(models, 'knowing'), {
      'card.json': JSON.stringify(knowing.card),
      'weights.safetensors': knowing.bytes,
    })
    for (const format of EXPORT_FORMATS) {
      const back = await importTensors(exported(knowing.card, knowing.data, format), format, modelTensors(knowing.card))
      expect(back).toEqual(knowing.data)
    }
    const { stdout } = await piped(['export', 'knowing', '--models', models, '--format', 'f32', '--out', '-'])
    const words = ['import', '-', '--format', 'f32', '--as', 'again', '--like', 'knowing', '--models', models]
    expect((await piped(words, stdout)).code).toBe(0)
    expect(card('again').verdict?.sure).toBe(0.7)
    expect(
      (
        await piped(
          words,
          stdout.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
        )
      ).code,
    ).toBe(0)
    expect(card('again')).not.toHaveProperty('verdict')
  })

  test('in 8 bits where it was, from any format: the same file, which keeps its card', async () => {
    const { card: knowing, data } = knowingModel('small', 0.7)
    const tensors = modelTensors(knowing)
    roundWeights(new Float32Array(data.buffer), parameterLayout((knowing as NetworkCard).layers))
    const bytes = encodeTensors(tensors, data)
    expect(bytes.length).toBeLessThan(data.length / 3)
    const weights = { ...knowing.weights, bytes: bytes.length, sha256: sha256(bytes) }
    saveModel(join(models, 'small'), {
      'card.json': JSON.stringify({ ...knowing, weights }),
      'weights.safetensors': bytes,
    })
    for (const format of ['safetensors', 'f32', 'npz'] as const) {
      const { stdout } = await piped(['export', 'small', '--models', models, '--format', format, '--out', '-'])
      const words = ['import', '-', '--format', format, '--as', 'again', '--like', 'small', '--models', models]
      expect((await piped(words, stdout)).code).toBe(0)
      expect(card('again')).toMatchObject({ weights, verdict: { sure: 0.7 } })
    }
  })

  test('with the ten outputs of earlier programs, where the model of that name has eleven', async () => {
    const knowing = knowingModel('knowing')
    saveModel(join(models, 'knowing'), {
      'card.json': JSON.stringify(knowing.card),
      'weights.safetensors': knowing.bytes,
    })
    for (const format of ['safetensors', 'f32', 'npz'] as const) {
      const { stdout } = await piped(['export', 'softmax', '--models', models, '--format', format, '--out', '-'])
      const words = ['import', '-', '--format', format, '--as', 'again', '--like', 'knowing', '--models', models]
      expect((await piped(words, stdout)).code).toBe(0)
      const imported = loadModel(join(models, 'again'))
      expect(imported.data).toEqual(DATA)
      expect(imported.card).toMatchObject({ parameters: 7850, layers: (CARD as NetworkCard).layers })
      expect(imported.card).not.toHaveProperty('verdict')
    }
    const nine = new Uint8Array(4 * 785 * 9)
    const { code, stderr } = await piped(
      ['import', '-', '--format', 'f32', '--as', 'x', '--like', 'knowing', '--models', models],
      nine,
    )
    expect([code, String(stderr)]).toEqual([3, expect.stringContaining(String(4 * 785 * 11))])
  })

  test('from standard output to standard input, in every format of one file', async () => {
    for (const format of ['safetensors', 'npz', 'f32']) {
      const { stdout } = await piped(['export', 'softmax', '--models', models, '--format', format, '--out', '-'])
      const words = ['import', '-', '--format', format, '--as', 'again', '--like', 'softmax', '--models', models]
      expect((await piped(words, stdout)).code).toBe(0)
      expect(loadModel(join(models, 'again')).bytes).toEqual(BYTES)
    }
  })

  test('from a folder of csv files written and read by the command line, whatever the format is called', async () => {
    const out = join(root, 'as-csv')
    const { stdout } = await run(['export', 'softmax', '--models', models, '--format', 'csv', '--out', out, '--json'])
    expect(readdirSync(out).sort()).toEqual(['0.bias.csv', '0.weight.csv'])
    const written = JSON.parse(stdout) as { files: { path: string; sha256: string }[] }
    for (const { path, sha256: digest } of written.files) expect(sha256(readFileSync(path))).toBe(digest)
    await run(['import', out, '--as', 'again', '--like', 'softmax', '--models', models])
    expect(loadModel(join(models, 'again')).bytes).toEqual(BYTES)
  })

  test('as csv, if it is a forest of 10 MB, within the heap of 96 MiB a phone has', async () => {
    const script = `
      import { exportModel } from './server/models/export.ts'
      const card = { id: 'f', type: 'forest', forest: { trees: 200, splits: 1000000, leaves: 350000, power: 1 } }
      console.log(exportModel(card, new Uint8Array(9500800).fill(201), 'csv').bytes.length)`
    const flags = ['--max-old-space-size=96', '--input-type=module', '--eval', script]
    const { code, stdout } = await runProcess(process.execPath, flags, { cwd: ROOT })
    expect([code, Number(stdout)]).toEqual([0, expect.toSatisfy((bytes: number) => bytes > 25_000_000)])
  })

  test('and the same export gives the same bytes', () => {
    for (const format of EXPORT_FORMATS)
      expect(exportModel(CARD, DATA, format)).toEqual(exportModel(CARD, DATA, format))
  })
})

describe('files of NumPy 2.4', () => {
  const tensors: TensorSpec[] = [
    { name: '0.weight', shape: [2, 3], length: 6 },
    { name: '0.bias', shape: [3], length: 3 },
  ]
  // np.savez and np.savez_compressed of {'0.weight': np.arange(6).reshape(2, 3) / 4, '0.bias': [1, -2, 3]} as <f4
  const SAVEZ =
    'UEsDBC0AAAAAAAAAIQAKnACk//////////8MABQAMC53ZWlnaHQubnB5AQAQAJgAAAAAAAAAmAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAAAAAAIA+AAAAPwAAQD8AAIA/AACgP1BLAwQtAAAAAAAAACEA5RamYP//////////CgAUADAuYmlhcy5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACAPwAAAMAAAEBAUEsBAi0DLQAAAAAAAAAhAAqcAKSYAAAAmAAAAAwAAAAAAAAAAAAAAIABAAAAADAud2VpZ2h0Lm5weVBLAQItAy0AAAAAAAAAIQDlFqZgjAAAAIwAAAAKAAAAAAAAAAAAAACAAdYAAAAwLmJpYXMubnB5UEsFBgAAAAACAAIAcgAAAJ4BAAAAAA=='
  const COMPRESSED =
    'UEsDBC0AAAAIAAAAIQAKnACk//////////8MABQAMC53ZWlnaHQubnB5AQAQAJgAAAAAAAAAVgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy4GMGiwAxL2DAwOQNwAxAvsAVBLAwQtAAAACAAAACEA5RamYP//////////CgAUADAuYmlhcy5ucHkBABAAjAAAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GhgZ7BgaGAwwMDg4AUEsBAi0DLQAAAAgAAAAhAAqcAKRWAAAAmAAAAAwAAAAAAAAAAAAAAIABAAAAADAud2VpZ2h0Lm5weVBLAQItAy0AAAAIAAAAIQDlFqZgUAAAAIwAAAAKAAAAAAAAAAAAAACAAZQAAAAwLmJpYXMubnB5UEsFBgAAAAACAAIAcgAAACABAAAAAA=='
  const expected = joinTensors([Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25), Float32Array.of(1, -2, 3)])

  test.each([
    ['savez', SAVEZ],
    ['savez_compressed', COMPRESSED],
  ])('%s are read', async (name, base64) => {
    const path = join(root, `${name}.npz`)
    writeFileSync(path, Buffer.from(base64, 'base64'))
    expect(await importTensors(path, 'npz', tensors)).toEqual(expected)
  })

  test('savez_compressed with any byte of it changed are refused, or give the same values', async () => {
    const bytes = Buffer.from(COMPRESSED, 'base64')
    const path = join(root, 'damaged.npz')
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] ^= 0x55
      writeFileSync(path, damaged)
      const outcome = await importTensors(path, 'npz', tensors).then(
        (data) => (Buffer.from(data).equals(expected) ? 'same' : `byte ${at}: other values`),
        (error: Error) => error.name,
      )
      expect(['same', 'WeightsError']).toContain(outcome)
    }
  })
})

describe('what is imported', () => {
  const words = (file: string, ...more: string[]) => [
    'import',
    file,
    '--as',
    'mine',
    '--like',
    'softmax',
    '--models',
    models,
    ...more,
  ]

  /** The test model with one bias changed, as a file. */
  function changed(value = 0.5): string {
    const data = DATA.slice()
    new Float32Array(data.buffer)[7845] = value
    return exported(CARD, data, 'safetensors')
  }

  test('with the weights of the model it is like keeps what that one says of itself', async () => {
    await run(words(exported(CARD, DATA, 'npz'), '--name', 'Mine'), NO_DATA)
    expect(card('mine')).toEqual({ ...CARD, id: 'mine', name: 'Mine' })
  })

  test('with other weights says nothing of their training, and where no data set is that nobody measured them', async () => {
    const { stdout, stderr, code } = await run(words(changed(), '--licence', 'CC0-1.0', '--json'), NO_DATA)
    expect([code, stderr]).toEqual([0, expect.stringContaining('mine version 1: not measured, SHA-256 ')])
    const made = card('mine')
    expect(JSON.parse(stdout)).toEqual(made)
    expect(made).toMatchObject({
      id: 'mine',
      name: 'Test model (mine)',
      licence: 'CC0-1.0',
      test: { images: 0, data: { source: 'not measured' } },
      validation: { images: 0 },
      training: [],
      recipe: { epochs: 0, bestEpoch: 0, data: [] },
    })
    expect(made.drawings).toBeUndefined()
    expect(made.weights.sha256).toBe(sha256(loadModel(join(models, 'mine')).bytes))
  })

  testUnless(noData, 'with other weights is measured where a data set is', async () => {
    await run(words(changed()))
    expect(card('mine').test).toMatchObject({ images: 10_000, data: { name: 'mnist' } })
    expect(card('mine').test.accuracy).toBeGreaterThan(0.02)
    expect(card('mine').test.accuracy).toBeLessThan(0.4) // a fixed pattern, not a trained model
    expect(card('mine').drawings?.images).toBe(3498)
  })

  test('in place of a model is its next version', async () => {
    await run(['import', changed(), '--as', 'softmax', '--models', models], NO_DATA)
    await run(['import', changed(0.25), '--as', 'softmax', '--models', models], NO_DATA)
    expect(card('softmax')).toMatchObject({ version: 3, name: 'Test model' })
    expect(readdirSync(models)).toEqual(['softmax'])
  })

  test.each([
    ['the same for every picture', (_: number, i: number) => (i < 7840 ? 0 : i), 'failed_selftest'],
    ['not a number', (value: number, i: number) => (i === 9 ? Number.NaN : value), 'not_finite'],
    ['infinite', (value: number, i: number) => (i === 9 ? Infinity : value), 'not_finite'],
    ['1e30', (value: number, i: number) => (i === 9 ? 1e30 : value), 'out_of_range'],
    // the same ten weights for every digit: each has a tenth, whatever the picture
    ['no help', (_: number, i: number) => (i < 7840 ? 0.1 : 0), 'failed_selftest'],
  ])(
    'is refused, in binary and in text, with exit 3 if its weights are %s',
    async (_, weight, code) => {
      const data = new Uint8Array(new Float32Array(DATA.buffer.slice(0)).map(weight).buffer)
      for (const format of ['safetensors', 'csv'] as const) {
        const outcome = await run(words(exported(CARD, data, format)), NO_DATA)
        expect(outcome).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(`inkling: ${code}: `) })
      }
      expect(existsSync(join(models, 'mine'))).toBe(false)
    },
    30_000,
  )

  test('is refused if it is of a kind that finds fault with it: a neighbour whose digit is 200', async () => {
    const { layers: _layers, ...base } = CARD as NetworkCard
    const neighbours = { k: 1, power: 1, smoothing: 0.1, references: 2 }
    const like: Card = { ...base, type: 'neighbours', neighbours, recipe: { command: '' } }
    const data = new Uint8Array(tensorBytes(modelTensors(like))).fill(7)
    data.set([3, 200], data.length - 2)
    const backends = await nodeBackends()
    expect(() => selfTestedModel(backends, like, data)).toThrow(expect.objectContaining({ code: 'failed_selftest' }))
  })

  test('is refused if a tensor is missing, is there twice or is one too many, naming it', async () => {
    const [weight, bias] = exportTensors(CARD, DATA, 'npy').map(({ filename, bytes }) => ({ name: filename, bytes }))
    const [, csv] = exportTensors(CARD, DATA, 'csv').map(({ filename, bytes }) => ({ name: filename, bytes }))
    const attempt = (members: { name: string; bytes: Uint8Array }[]) => {
      const path = join(root, 'members.npz')
      writeFileSync(path, zip(members))
      return importTensors(path, 'npz', TENSORS)
    }
    await expect(attempt([weight])).rejects.toThrow('tensor 0.bias is missing: a file 0.bias.npy or 0.bias.csv is due')
    await expect(attempt([weight, bias, csv])).rejects.toThrow('0.bias is there twice, as npy and as csv')
    await expect(attempt([weight, bias, bias])).rejects.toThrow('3 tensors, 2 expected')
    await expect(attempt([weight, { ...bias, name: '1.bias.npy' }, bias])).rejects.toThrow('3 tensors, 2 expected')
    await expect(attempt([bias, { name: '0.weight.npy', bytes: bias.bytes }])).rejects.toThrow(
      '0.weight: shape 10, 784x10 expected',
    )
    await expect(importTensors(exported(CARD, DATA, 'f32'), 'csv', TENSORS)).rejects.toThrow(
      'one csv file holds one tensor, the model has 2: a folder or a zip archive of them is due',
    )
  })

  test('is refused if an archive would unpack to more than the model can take, before it is unpacked', async () => {
    // a member of 1 GB announced in the directory, of zeros that a few kilobytes stand for
    const archive = zip([{ name: '0.weight.npy', bytes: new Uint8Array(1000) }])
    const view = new DataView(archive.buffer)
    const directory = archive.length - 22 - 46 - '0.weight.npy'.length
    view.setUint16(directory + 10, 8, true) // deflated
    view.setUint32(directory + 24, 1_000_000_000, true)
    const path = join(root, 'bomb.npz')
    writeFileSync(path, archive)
    const before = process.memoryUsage().arrayBuffers
    await expect(importTensors(path, 'npz', TENSORS)).rejects.toThrow(/^the archive unpacks to more than \d{6} bytes$/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  test('is refused if it is a device, a link, far too large, or something else altogether', async () => {
    const file = (content: Uint8Array | string, name = 'file.f32') => {
      writeFileSync(join(root, name), content)
      return join(root, name)
    }
    const refused = (path: string, format: ExportFormat) =>
      importTensors(path, format, TENSORS).catch(({ code }: { code: string }) => code)
    expect(await refused('/dev/zero', 'f32')).toBe('not_regular_file')
    expect(await refused(models, 'safetensors')).toBe('not_regular_file')
    expect(await refused(file(new Uint8Array(1_000_000)), 'f32')).toBe('too_large')
    expect(await refused(file(BYTES), 'npz')).toBe('bad_archive')
    expect(await refused(file('PK\x03\x04'), 'npz')).toBe('bad_archive')
    expect(await refused(file(exportModel(CARD, DATA, 'npz').bytes), 'safetensors')).toBe('bad_header_length')
    expect(await refused(file(DATA.subarray(1)), 'f32')).toBe('truncated')
  })
})

describe('wrong use', () => {
  test.each([
    [['export', 'softmax', '--format', 'hdf5'], "'hdf5' is invalid"],
    [['export', 'softmax', '--format', 'csv', '--out', '-'], 'choose one with --tensor'],
    [['export', 'softmax', '--format', 'csv', '--tensor', '1.weight'], 'it has: 0.weight, 0.bias'],
    [['export', 'softmax', '--format', 'npz', '--tensor', '0.bias'], '--tensor goes with csv and npy'],
    [['import', 'package.json', '--as', 'mine'], 'says no format'],
    [['import', '-', '--as', 'mine'], 'says no format'],
    [['import', 'x.npz'], '--as'],
    [['import', 'x.npz', '--as', 'Mine'], 'lower-case letters'],
    [['import', 'x.npz', '--as', 'all'], 'not the word all'],
  ])('inkling %j is exit 2', async (words, message) => {
    expect(await run(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  })

  test('a file that is not there is exit 1, with its path', async () => {
    expect(await run(['import', 'x.npz', '--as', 'mine'])).toMatchObject({
      code: 1,
      stderr: 'inkling: cannot_read: x.npz (ENOENT)\n',
    })
  })

  test('one tensor goes to standard output', async () => {
    const words = ['export', 'softmax', '--models', models, '--format', 'csv', '--tensor', '0.bias', '--out', '-']
    const { code, stdout } = await piped(words)
    expect([code, new Uint8Array(stdout)]).toEqual([0, exportTensors(CARD, DATA, 'csv')[1].bytes])
  })

  test('a file named with --out gets that name, one for a folder that is there its own', async () => {
    const folder = join(root, 'there')
    mkdirSync(folder)
    cpSync(join(models, 'softmax'), join(root, 'by-path'), { recursive: true })
    await run(['export', join(root, 'by-path'), '--format', 'f32', '--out', folder])
    await run(['export', join(root, 'by-path'), '--out', join(folder, 'w.st')])
    await run(['export', join(root, 'by-path'), '--format', 'npy', '--tensor', '0.bias', '--out', folder])
    expect(readdirSync(folder).sort()).toEqual(['softmax.0.bias.npy', 'softmax.f32', 'w.st'])
    expect(new Uint8Array(readFileSync(join(folder, 'w.st')))).toEqual(BYTES)
  })
})
