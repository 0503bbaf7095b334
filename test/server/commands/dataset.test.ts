import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CATALOGUE } from '../../../server/dataset/catalogue.ts'
import { dataDir, dataFile, noData } from '../../data-sets.ts'
import { testUnless } from '../../skip.ts'
import { run } from '../command.ts'
import { digits, folder } from '../dataset/fixtures.ts'
import { cut, ranged, startMirror } from '../dataset/mirror.ts'

/** Runs `inkling dataset ...` as its own process, never on a terminal. */
async function inkling(...words: string[]): Promise<{ exit: number | null; out: string; err: string }> {
  const { code, stdout, stderr } = await run(['dataset', ...words])
  return { exit: code, out: stdout, err: stderr }
}

describe('inkling dataset', () => {
  it('verify: exit 1 and four files missing from an empty directory', async () => {
    const { exit, out, err } = await inkling('verify', 'mnist', '--data-dir', folder(), '--json')
    expect(exit).toBe(1)
    expect(JSON.parse(out).files.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('missing'))
    expect(err).toMatch(/^inkling: not_found: 4 of 4 files/)
  })

  it('verify and info: exit 3 and no stack for a file that is not what its name says', async () => {
    const root = folder()
    mkdirSync(join(root, 'mnist'))
    writeFileSync(join(root, 'mnist', 'train-images-idx3-ubyte.gz'), gzipSync(digits(3).images))
    writeFileSync(join(root, 'mnist', 'train-labels-idx1-ubyte.gz'), '<!DOCTYPE html>')
    const verified = await inkling('verify', 'mnist', '--data-dir', root)
    expect(verified.exit).toBe(3)
    expect(verified.out).toMatch(/^wrong +train-images.*expected 60000 images/)
    const described = await inkling('info', 'mnist', '--data-dir', root)
    expect(described).toMatchObject({
      exit: 3,
      err: expect.stringMatching(/^inkling: bad_gzip: train-labels-idx1-ubyte\.gz: /),
    })
    expect(verified.err + described.err).not.toMatch(/\n +at /)
  })

  it('info and verify: sets of pen strokes too, with the way to get what is not there', async () => {
    const { exit, out } = await inkling('info', 'pendigits', '--data-dir', folder(), '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      licence: 'CC BY 4.0',
      citation: expect.stringMatching(/Alpaydin, Alimoglu/),
      splits: ['train', 'test'].map((split) => ({ split, missing: expect.stringMatching(/dataset fetch pendigits/) })),
    })
    expect(await inkling('verify', 'pendigits', '--data-dir', folder())).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/^inkling: not_found: 2 of 2 files/),
    })
  })

  it('list and info: generated sets too, which cannot be fetched', async () => {
    const { exit, out } = await inkling('list')
    expect(exit).toBe(0)
    expect(out).toMatch(/^mnist +MNIST$/m)
    expect(out).toMatch(/^letters-varied +.*\(generated\)$/m)
    const described = await inkling('info', 'letters-varied', '--data-dir', folder(), '--json')
    expect(JSON.parse(described.out)).toMatchObject({
      licence: 'CC BY 4.0',
      splits: [{ split: 'train', missing: expect.stringMatching(/uji-letters.*copied there manually/) }],
    })
    expect((await inkling('fetch', 'others')).exit).toBe(2)
  })

  it('info: licence and source, even of a data set that is not there', async () => {
    const { exit, out } = await inkling('info', 'emnist-digits', '--data-dir', folder(), '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      licence: expect.stringMatching(/public domain/),
      digests: expect.stringMatching(/recorded at the first fetch/),
      splits: [
        { split: 'train', missing: expect.any(String) },
        { split: 'test', missing: expect.any(String) },
      ],
    })
  })

  it('fetch: a mirror that is none is wrong use; an unknown data set too', async () => {
    expect((await inkling('fetch', 'mnist', '--data-dir', folder(), '--mirror', 'ftp://x/')).exit).toBe(2)
    expect((await inkling('fetch', 'imagenet')).exit).toBe(2)
    expect((await inkling('fetch')).exit).toBe(2)
  })

  testUnless(noData, 'fetch, then verify: MNIST from a mirror that breaks off once', async () => {
    const mirror = await startMirror()
    onTestFinished(() => mirror.close())
    for (const { name } of CATALOGUE[0].files) mirror.on(name, ranged(readFileSync(dataFile('mnist', name))))
    const { name } = CATALOGUE[0].files[0]
    const body = readFileSync(dataFile('mnist', name))
    mirror.on(name, cut(body, 4_000_000), ranged(body))
    const root = folder()
    const fetched = await inkling('fetch', 'mnist', '--data-dir', root, '--mirror', mirror.url)
    expect(fetched).toMatchObject({ exit: 0, err: expect.stringMatching(/trying again/) })
    expect(fetched.out.trim().split('\n')).toHaveLength(4)
    expect(mirror.requests.filter(({ range }) => range !== undefined)).toHaveLength(1)
    expect((await inkling('verify', 'mnist', '--data-dir', root)).exit).toBe(0)
  })

  testUnless(noData, 'info: MNIST with its class counts, upright; EMNIST transposed', async () => {
    const mnist = await inkling('info', 'mnist', '--data-dir', dataDir as string)
    expect(mnist.out).toMatch(/5923 6742 5958 6131 5842 5421 5918 6265 5851 5949/)
    expect(mnist.out).toMatch(/images stored +upright/)
    const emnist = await inkling('info', 'emnist-digits', '--data-dir', dataDir as string)
    expect(emnist.out).toMatch(/images stored +transposed/)
  })
})
