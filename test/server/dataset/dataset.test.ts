import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isTransposed } from '../../../core/data/orientation.ts'
import { CATALOGUE } from '../../../server/dataset/catalogue.ts'
import { dataDirectory } from '../../../server/dataset/directory.ts'
import { DataFileError } from '../../../server/dataset/errors.ts'
import { loadDataset } from '../../../server/dataset/load.ts'
import { verifyDataset } from '../../../server/dataset/verify.ts'
import { runProcess } from '../../child-processes.ts'
import { dataDir, dataFile, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { digits, folder, sha256 } from './fixtures.ts'

const quiet = () => {}
const { images, labels } = digits(12)
const pixels = images.subarray(16)
const csv = Buffer.from(
  Array.from({ length: 12 }, (_, i) => `${i % 10},${pixels.subarray(i * 784, (i + 1) * 784).join(',')}\n`).join(''),
)

/** A data directory with these files. */
function holding(files: Record<string, Uint8Array>): string {
  const root = folder()
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), bytes)
  }
  return root
}

async function refusal(promise: Promise<unknown>): Promise<{ code: string; exitCode: number; message: string }> {
  try {
    await promise
  } catch (error) {
    if (error instanceof DataFileError) return error
    throw error
  }
  throw new Error('accepted')
}

describe('loadDataset', () => {
  const layouts: [string, Record<string, Uint8Array>][] = [
    [
      'MNIST names, gzipped',
      { 'd/train-images-idx3-ubyte.gz': gzipSync(images), 'd/train-labels-idx1-ubyte.gz': gzipSync(labels) },
    ],
    ['MNIST names, plain', { 'd/train-images-idx3-ubyte': images, 'd/train-labels-idx1-ubyte': labels }],
    [
      'images packed, labels not',
      { 'd/train-images-idx3-ubyte.gz': gzipSync(images), 'd/train-labels-idx1-ubyte': labels },
    ],
    ['names with dots', { 'd/train-images.idx3-ubyte': images, 'd/train-labels.idx1-ubyte': labels }],
    [
      'EMNIST names',
      { 'd/emnist-digits-train-images-idx3-ubyte': images, 'd/emnist-digits-train-labels-idx1-ubyte': labels },
    ],
    ['CSV', { 'd/mnist_train.csv': csv }],
    ['CSV, gzipped', { 'd/train.csv.gz': gzipSync(csv) }],
  ]
  it.each(layouts)('finds and reads %s', async (_, files) => {
    const { dataset, digest } = await loadDataset('d', 'train', holding(files), quiet)
    expect(dataset.count).toBe(12)
    expect(Buffer.from(dataset.images)).toEqual(pixels)
    expect(Array.from(dataset.labels)).toEqual(Array.from(labels.subarray(8)))
    const unpacked =
      'd/mnist_train.csv' in files || 'd/train.csv.gz' in files ? [sha256(csv)] : [sha256(images), sha256(labels)]
    expect(Object.values(digest)).toEqual(unpacked)
    expect(Object.keys(digest).join()).not.toMatch(/\/|\.gz/)
  })

  it('takes the files of the requested split; a folder without names of splits serves as test, never as train', async () => {
    const other = digits(5)
    const both = holding({
      'd/train-images-idx3-ubyte': images,
      'd/train-labels-idx1-ubyte': labels,
      'd/t10k-images-idx3-ubyte': other.images,
      'd/t10k-labels-idx1-ubyte': other.labels,
    })
    expect((await loadDataset('d', 'train', both, quiet)).dataset.count).toBe(12)
    expect((await loadDataset('d', 'test', both, quiet)).dataset.count).toBe(5)
    const sample = holding({ 'd/sample-images-idx3-ubyte': images, 'd/sample-labels-idx1-ubyte': labels })
    expect((await loadDataset('d', 'test', sample, quiet)).dataset.count).toBe(12)
    expect(await refusal(loadDataset('d', 'train', sample, quiet))).toMatchObject({ code: 'not_found', exitCode: 1 })
  })

  it('takes paths: a folder, a CSV file, an IDX image file', async () => {
    const root = holding({ 'a/b/x.csv': csv, 'c/my-images-idx3-ubyte': images, 'c/my-labels-idx1-ubyte': labels })
    for (const path of ['a/b', 'a/b/x.csv', 'c/my-images-idx3-ubyte', 'c']) {
      const { dataset, source } = await loadDataset(join(root, path), 'test', '/nowhere', quiet)
      expect(dataset.count).toBe(12)
      expect(source).toMatch(/^(x\.csv|my-images-idx3-ubyte)$/)
    }
  })

  it('reports that the orientation of noise is unknown, and leaves it as stored', async () => {
    const warnings: string[] = []
    const root = holding({ 'd/test.csv': csv })
    const { orientation, dataset } = await loadDataset('d', 'test', root, (sentence) => warnings.push(sentence))
    expect(orientation.stored).toBe('unknown')
    expect(Buffer.from(dataset.images)).toEqual(pixels)
    expect(warnings).toEqual([expect.stringMatching(/^d: can't tell whether .* left as stored$/)])
  })

  const idx = { 'd/test-images-idx3-ubyte.gz': gzipSync(images), 'd/test-labels-idx1-ubyte.gz': gzipSync(labels) }
  const bomb = Buffer.concat([images, Buffer.alloc(200_000_000)])
  const refused: [string, string, Record<string, Uint8Array>][] = [
    [
      'gzip without .gz',
      'gzip_given',
      { 'd/test-images-idx3-ubyte': gzipSync(images), 'd/test-labels-idx1-ubyte': labels },
    ],
    [
      'fewer bytes than announced',
      'truncated',
      { ...idx, 'd/test-images-idx3-ubyte.gz': gzipSync(images.subarray(0, 5000)) },
    ],
    ['a header of 3 bytes', 'truncated', { ...idx, 'd/test-images-idx3-ubyte.gz': gzipSync(images.subarray(0, 3)) }],
    ['a cut gzip stream', 'truncated', { ...idx, 'd/test-images-idx3-ubyte.gz': gzipSync(images).subarray(0, 4000) }],
    ['.gz that is not gzip', 'bad_gzip', { ...idx, 'd/test-images-idx3-ubyte.gz': images }],
    ['an error page as .gz', 'bad_gzip', { ...idx, 'd/test-images-idx3-ubyte.gz': Buffer.from('<!DOCTYPE html>') }],
    [
      'an error page',
      'bad_magic',
      { 'd/test-images-idx3-ubyte': Buffer.from('<!DOCTYPE html>'), 'd/test-labels-idx1-ubyte': labels },
    ],
    [
      'dimensions of 2^32 - 1',
      'too_large',
      {
        ...idx,
        'd/test-images-idx3-ubyte.gz': gzipSync(Buffer.concat([images.subarray(0, 4), Buffer.alloc(12, 255)])),
      },
    ],
    [
      'a gzip stream of 200 MB',
      'trailing_data',
      { ...idx, 'd/test-images-idx3-ubyte.gz': gzipSync(bomb, { level: 1 }) },
    ],
    ['other labels', 'count_mismatch', { ...idx, 'd/test-labels-idx1-ubyte.gz': gzipSync(digits(11).labels) }],
    ['an empty CSV file', 'empty', { 'd/test.csv': Buffer.alloc(0) }],
    ['a ragged CSV file', 'bad_columns', { 'd/test.csv': Buffer.concat([csv, Buffer.from('1,2\n')]) }],
  ]
  it.each(refused)('%s: %s, exit code 3, file named without its folder', async (_, code, files) => {
    const error = await refusal(loadDataset('d', 'test', holding(files), quiet))
    expect(error).toMatchObject({ code, exitCode: 3 })
    expect(error.message).toMatch(new RegExp(`^${code}: test[-.a-z0-9]+: `))
  })

  // In a process of its own, because resident memory is counted for all threads together.
  it('100 MB of CSV without a newline and 200 MB of gzipped zeros are refused with less than 32 MB more memory', async () => {
    const root = holding({
      'warm/test.csv': Buffer.from('1,2\n'),
      'line/test.csv': Buffer.alloc(100_000_000, 0x31),
      ...Object.fromEntries(Object.entries(idx).map(([name, bytes]) => [name.replace('d/', 'bomb/'), bytes])),
      'bomb/test-images-idx3-ubyte.gz': gzipSync(bomb, { level: 1 }),
    })
    const script = `
      import { loadDataset } from '${new URL('../../../server/dataset/load.ts', import.meta.url)}'
      const code = (name) => loadDataset(name, 'test', ${JSON.stringify(root)}).then(() => 'accepted', (error) => error.code)
      const codes = [await code('warm')]
      const before = process.resourceUsage().maxRSS
      codes.push(await code('line'), await code('bomb'))
      console.log(JSON.stringify({ codes, more: (process.resourceUsage().maxRSS - before) / 1024 }))`
    const { stdout, stderr } = await runProcess(process.execPath, ['--input-type=module', '-e', script])
    expect(String(stderr)).toBe('')
    const { codes, more } = JSON.parse(String(stdout)) as { codes: string[]; more: number }
    expect(codes).toEqual(['bad_columns', 'line_too_long', 'trailing_data'])
    expect(more).toBeLessThan(32) // MB
  })

  const absent: [string, string, string, RegExp][] = [
    ['a catalogued data set', 'mnist', 'not_found', /inkling dataset fetch mnist gets it/],
    ['another name', 'nonsense', 'not_found', /no nonsense in/],
    ['a path', './no/such.csv', 'not_found', /no \.\/no\/such\.csv/],
  ]
  it.each(absent)('%s that is not there: exit code 1 and what to do', async (_, name, code, message) => {
    const error = await refusal(loadDataset(name, 'train', folder(), quiet))
    expect(error).toMatchObject({ code, exitCode: 1 })
    expect(error.message).toMatch(message)
  })

  it('images without labels beside them: exit code 1 and the name that is missing', async () => {
    const error = await refusal(loadDataset('d', 'train', holding({ 'd/train-images-idx3-ubyte': images }), quiet))
    expect(error).toMatchObject({ code: 'not_found', exitCode: 1 })
    expect(error.message).toMatch(/not train-labels-idx1-ubyte/)
  })
})

describe('the data directory', () => {
  it('is INKLING_DATA, else below XDG_DATA_HOME if that is absolute, else below the home', () => {
    expect(dataDirectory({ INKLING_DATA: '/d', XDG_DATA_HOME: '/x' }, '/home/me')).toBe('/d')
    expect(dataDirectory({ XDG_DATA_HOME: '/x' }, '/home/me')).toBe('/x/inkling')
    expect(dataDirectory({ XDG_DATA_HOME: 'x' }, '/home/me')).toBe('/home/me/.local/share/inkling')
    expect(dataDirectory({ INKLING_DATA: '' }, '/home/me')).toBe('/home/me/.local/share/inkling')
  })
})

describe('the catalogue', () => {
  it('names https mirrors only, and a SHA-256 for every file or for the archive it is in', () => {
    for (const entry of CATALOGUE) {
      for (const mirror of entry.mirrors) expect(mirror).toMatch(/^https:\/\/.*\/$/)
      for (const { sha256 } of entry.archive ? [entry.archive] : entry.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})

describeUnless(noData, 'real data sets', () => {
  const mnist = CATALOGUE[0]

  it('MNIST has the digests of the catalogue and loads upright, 60,000 and 10,000', async () => {
    expect((await verifyDataset(mnist, dataDir as string)).map(({ state }) => state)).toEqual(Array(4).fill('right'))
    const train = await loadDataset('mnist', 'train', dataDir as string)
    expect([train.dataset.count, train.orientation.stored]).toEqual([60_000, 'upright'])
    expect(train.digest['train-images-idx3-ubyte']).toBe(mnist.files[0].sha256)
    expect((await loadDataset('mnist', 'test', dataDir as string)).dataset.count).toBe(10_000)
  })

  it('EMNIST comes out upright, by name, by catalogue name and by path', async () => {
    for (const name of ['emnist', 'emnist-digits', dataFile('emnist')]) {
      const { dataset, orientation } = await loadDataset(name, 'test', dataDir as string)
      expect([dataset.count, orientation.stored]).toEqual([600, 'transposed'])
      expect(isTransposed(dataset)).toBe(false)
    }
  })
})
