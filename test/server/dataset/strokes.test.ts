/** Sets of pen strokes: what is accepted, what is refused and how, and that drawings are drawn as by the server. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { preprocess } from '../../../core/preprocess.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { splitValidation, UNGROUPED } from '../../../core/training/split.ts'
import { loadDigits } from '../../../server/dataset/digits.ts'
import { DataFileError } from '../../../server/dataset/errors.ts'
import { STROKE_SETS } from '../../../server/dataset/stroke-sets.ts'
import { readStrokes } from '../../../server/dataset/strokes.ts'
import { dataDir, noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { digits, folder, sha256 } from './fixtures.ts'

const ONE = '{"label":"1","writer":"a","strokes":[[[500,0],[480,1000]]]}'
const SEVEN = '{"label":7,"writer":"b","strokes":[[[0,0],[700,0],[300,1000]],[[200,500],[500,500]]]}'
const DOT = '{"label":"0","writer":"a","strokes":[[[3,4]]]}'

/** A data directory with these files in its folder of strokes. */
function holding(files: Record<string, string | Uint8Array>): string {
  const root = folder()
  mkdirSync(join(root, 'strokes'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'strokes', name), content)
  return root
}

async function refusal(promise: Promise<unknown>): Promise<DataFileError> {
  const error = await promise.catch((thrown: unknown) => thrown)
  if (error instanceof DataFileError) return error
  throw new Error('expected a DataFileError', { cause: error })
}

describe('a file of strokes', () => {
  test('is read in its order, labels as text or number, with blank lines, CR LF and without a last line end', async () => {
    const text = `${ONE}\r\n\r\n${SEVEN}\n${DOT}`
    const root = holding({ 'x.jsonl': text, 'y.jsonl.gz': gzipSync(text) })
    for (const name of ['x.jsonl', 'y.jsonl.gz']) {
      const read = await readStrokes(join(root, 'strokes', name))
      expect(read.content.map(({ label, writer }) => [label, writer])).toEqual([
        [1, 'a'],
        [7, 'b'],
        [0, 'a'],
      ])
      expect(read.content[1].strokes).toEqual(JSON.parse(SEVEN).strokes)
      expect(read.sha256).toBe(sha256(Buffer.from(text)))
    }
  })

  const strokes = (value: string) => `{"label":"1","writer":"a","strokes":${value}}`
  const many = JSON.stringify([Array.from({ length: 4097 }, () => [1, 2])])
  test.each([
    ['bad_line', 'label 3'],
    ['bad_line', '{"label":"1","writer":"a","strokes":[[[1,2]]]'],
    ['bad_line', '[1]'],
    ['bad_line', 'null'],
    ['bad_line', '{"label":"1","writer":"","strokes":[[[1,2]]]}'],
    ['bad_line', '{"label":"1","strokes":[[[1,2]]]}'],
    ['bad_line', `{"label":"1","writer":"${'w'.repeat(201)}","strokes":[[[1,2]]]}`],
    ['bad_label', '{"label":"10","writer":"a","strokes":[[[1,2]]]}'],
    ['bad_label', '{"label":"a","writer":"a","strokes":[[[1,2]]]}'],
    ['bad_label', '{"label":-1,"writer":"a","strokes":[[[1,2]]]}'],
    ['bad_label', '{"label":1.5,"writer":"a","strokes":[[[1,2]]]}'],
    ['bad_label', '{"writer":"a","strokes":[[[1,2]]]}'],
    ['bad_strokes', '{"label":"1","writer":"a"}'],
    ['bad_strokes', strokes('[]')],
    ['bad_strokes', strokes('[[],[]]')],
    ['bad_strokes', strokes('[[1,2]]')],
    ['bad_strokes', strokes('[[[1]]]')],
    ['bad_strokes', strokes('[[[1,2,3]]]')],
    ['bad_strokes', strokes('[[[1,null]]]')],
    ['bad_strokes', strokes('[[["1",2]]]')],
    ['bad_strokes', strokes('[[[1e999,2]]]')],
    ['bad_strokes', strokes('{"length":1}')],
    ['bad_strokes', strokes(many)],
    ['line_too_long', `${' '.repeat(262_144)}${ONE}`],
    ['not_text', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('%s, naming file and line: %.40s', async (code, bad) => {
    const root = holding({ 'x.jsonl': Buffer.concat([Buffer.from(`${ONE}\n${SEVEN}\n`), Buffer.from(bad)]) })
    const error = await refusal(readStrokes(join(root, 'strokes', 'x.jsonl')))
    expect(error).toMatchObject({ code, exitCode: 3 })
    expect(error.message).toMatch(/^\w+: x\.jsonl: line 3: /)
  })

  test('empty, truncated and missing ones have different errors', async () => {
    const root = holding({ 'x.jsonl': '\n\n', 'y.jsonl.gz': gzipSync(ONE.repeat(99)).subarray(0, 60) })
    const codes = ['x.jsonl', 'y.jsonl.gz', 'z.jsonl'].map((name) => refusal(readStrokes(join(root, 'strokes', name))))
    expect((await Promise.all(codes)).map(({ code }) => code)).toEqual(['empty', 'truncated', 'cannot_read'])
  })
})

describe('loading digits', () => {
  test('draws strokes as the server does, marks what it refuses (a dot), and numbers their writers in order of appearance', async () => {
    const root = holding({ 'pendigits-test.jsonl.gz': gzipSync(`${SEVEN}\n${ONE}\n${DOT}\n`) })
    const { images, data } = await loadDigits(['pendigits'], 'test', root)
    for (const [i, line] of [SEVEN, ONE].entries()) {
      const expected = preprocess(rasterizeStrokes(JSON.parse(line).strokes))
      expect(images.images.subarray(i * 784, (i + 1) * 784)).toEqual(expected)
    }
    expect(images.refused).toEqual([2])
    expect([[...images.labels], [...(images.groups ?? [])]]).toEqual([
      [7, 1, 0],
      [0, 1, 1],
    ])
    expect(data).toMatchObject([{ name: 'pendigits', source: expect.stringMatching(/Alpaydin.*CC BY 4\.0/) }])
    expect(Object.keys(data[0].files)).toEqual(['pendigits-test.jsonl'])
  })

  test('puts sets one after the other: images without a writer, then writers that no two sets share', async () => {
    const { images, labels } = digits(12)
    const root = holding({ 'x.jsonl': `${ONE}\n${SEVEN}`, 'y.jsonl': SEVEN })
    mkdirSync(join(root, 'd'))
    writeFileSync(join(root, 'd', 'train-images-idx3-ubyte'), images)
    writeFileSync(join(root, 'd', 'train-labels-idx1-ubyte'), labels)
    const paths = ['x', 'y'].map((name) => join(root, 'strokes', `${name}.jsonl`))
    const [alone, mixed] = [await loadDigits(['d'], 'train', root), await loadDigits(['d', ...paths], 'train', root)]
    expect(alone.images.groups).toBeUndefined()
    expect(mixed.images.count).toBe(15)
    expect(mixed.images.images.subarray(0, 12 * 784)).toEqual(alone.images.images)
    expect([...(mixed.images.groups ?? [])]).toEqual([...Array(12).fill(UNGROUPED), 0, 1, 2])
    expect([...mixed.images.labels.subarray(12)]).toEqual([1, 7, 7])
    expect(mixed.data.map(({ name }) => name)).toEqual(['d', 'x.jsonl', 'y.jsonl'])
  })

  test.each([
    ['pendigits', 'train', /no strokes\/pendigits-train\.jsonl\.gz .*dataset fetch pendigits gets it/],
    ['uji', 'train', /uji has no train part/],
    ['./no/such.jsonl', 'test', /no \.\/no\/such\.jsonl/],
  ] as const)('%s that is not there is not_found, exit code 1', async (name, split, message) => {
    const error = await refusal(loadDigits([name], split, folder()))
    expect(error).toMatchObject({ code: 'not_found', exitCode: 1, message: expect.stringMatching(message) })
  })
})

describeUnless(noData, 'the real sets of strokes', () => {
  test.each([
    ['pendigits', 'train', 7494, 30],
    ['pendigits', 'test', 3498, 14],
    ['uji', 'test', 220, 11],
  ] as const)('%s %s: %i drawings by %i writers, with the recorded digest, none refused', async (name, split, count, writers) => {
    const { images, data } = await loadDigits([name], split, dataDir as string)
    expect([images.count, new Set(images.groups).size, images.refused]).toEqual([count, writers, []])
    expect(data[0].files).toEqual(
      Object.fromEntries(
        Object.entries(STROKE_SETS.find((set) => set.name === name)?.sha256 ?? {}).filter(
          ([file]) => name === 'uji' || file.includes(split),
        ),
      ),
    )
    if (split === 'train') {
      const { training, validation } = splitValidation(images, 1500, 1)
      expect([new Set(training.groups).size, new Set(validation.groups).size]).toEqual([24, 6])
    } else {
      const last = penStrokes(name === 'uji' ? 'uji' : 'pendigits-test').at(-1)
      expect(images.images.subarray(-784)).toEqual(preprocess(rasterizeStrokes(last?.strokes ?? [])))
    }
  })
})
