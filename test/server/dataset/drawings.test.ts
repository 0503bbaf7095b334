/** Sets of drawings: those without digits, those that are generated, and how several of them are loaded together. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OTHER } from '../../../core/data/dataset.ts'
import { splitValidation, UNGROUPED } from '../../../core/training/split.ts'
import { loadDigits } from '../../../server/dataset/digits.ts'
import { readDrawings } from '../../../server/dataset/drawings.ts'
import { DataFileError } from '../../../server/dataset/errors.ts'
import { generate } from '../../../server/dataset/generate.ts'
import { GENERATED_SETS, type GeneratedSet, setsOnDisk } from '../../../server/dataset/generated-sets.ts'
import { dataDir, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { digits, folder } from './fixtures.ts'

const STROKES = '[[[0,0],[700,0],[300,1000]],[[200,500],[500,500]]]'
const line = (label: string, writer: string) =>
  `{"label":${JSON.stringify(label)},"writer":"${writer}","strokes":${STROKES}}\n`

/** A data directory with 40 digits by two writers of pendigits, letters and characters, and 30 images without writers. */
function smallSets(): string {
  const root = folder()
  mkdirSync(join(root, 'strokes'))
  mkdirSync(join(root, 'd'))
  const write = (name: string, text: string) => writeFileSync(join(root, 'strokes', name), text)
  const pen = Array.from({ length: 40 }, (_, i) => line(`${i % 10}`, `p${Math.floor(i / 10)}`))
  write('pendigits-train.jsonl', pen.join(''))
  write(
    'uji-letters.jsonl',
    ['A', 'O', 'k', 'S'].flatMap((letter) => [line(letter, 'uji:w01'), line(letter, 'uji:w03')]).join(''),
  )
  write(
    'omniglot-characters.jsonl',
    line('Latin/character15', 'o1') + line('Latin/character16', 'o1') + line('Greek/character16', 'g1'),
  )
  const { images, labels } = digits(30)
  writeFileSync(join(root, 'd', 'train-images-idx3-ubyte'), images)
  writeFileSync(join(root, 'd', 'train-labels-idx1-ubyte'), labels)
  return root
}

async function refusal(promise: Promise<unknown>): Promise<DataFileError> {
  const error = await promise.catch((thrown: unknown) => thrown)
  if (error instanceof DataFileError) return error
  throw new Error('expected a DataFileError', { cause: error })
}

describe('a set without digits', () => {
  test('has what does not look like a digit, by other writers or of another alphabet in its test part', async () => {
    const root = smallSets()
    const writers = async (name: string, split: 'train' | 'test') =>
      (await readDrawings(name, split, root))?.drawings.map(({ label, writer }) => [label, writer])
    expect(await writers('letters', 'train')).toEqual([
      [OTHER, 'uji:w01'],
      [OTHER, 'uji:w01'],
    ])
    expect(await writers('letters', 'test')).toEqual([
      [OTHER, 'uji:w03'],
      [OTHER, 'uji:w03'],
    ])
    expect(await writers('characters', 'train')).toEqual([[OTHER, 'o1']])
    expect(await writers('characters', 'test')).toEqual([[OTHER, 'g1']])
  })

  test.each([
    ['"7"', 'uji-letters.jsonl', 'letters'],
    ['7', 'uji-letters.jsonl', 'letters'],
    ['""', 'omniglot-characters.jsonl', 'characters'],
  ])('refuses the label %s', async (label, file, name) => {
    const root = smallSets()
    writeFileSync(join(root, 'strokes', file), `{"label":${label},"writer":"a","strokes":${STROKES}}`)
    expect(await refusal(readDrawings(name, 'train', root))).toMatchObject({
      code: 'bad_label',
      message: expect.stringMatching(/line 1: expected a text, no digit/),
    })
  })

  test('a letter is refused as a label where digits are due', async () => {
    const root = smallSets()
    const path = join(root, 'strokes', 'uji-letters.jsonl')
    expect(await refusal(readDrawings(path, 'train', root))).toMatchObject({ code: 'bad_label' })
  })
})

describe('a generated set', () => {
  const set = (name: string) => GENERATED_SETS.find((one) => one.name === name) as GeneratedSet

  test('names its writers, seed and count, and its digest is of what it draws', async () => {
    const root = smallSets()
    const [once, again] = [
      await readDrawings('pendigits-varied', 'train', root),
      await readDrawings('pendigits-varied', 'train', root),
    ]
    expect(again).toEqual(once)
    expect(once?.drawings.length).toBe(80)
    expect(once?.drawings.map(({ label }) => label)).toEqual(Array.from({ length: 80 }, (_, i) => i % 10))
    expect(once?.data.source).toMatch(/Alpaydin.*seed 41, 2 of each drawing; CC BY 4\.0/)
    expect(Object.keys(once?.data.files ?? {})).toEqual(['pendigits-train.jsonl', 'pendigits-varied-train.jsonl'])
    writeFileSync(join(root, 'strokes', 'pendigits-train.jsonl'), line('4', 'p0'))
    const other = await readDrawings('pendigits-varied', 'train', root)
    expect(other?.data.files['pendigits-varied-train.jsonl']).not.toBe(once?.data.files['pendigits-varied-train.jsonl'])
  })

  test('has other seeds for its parts than any other, and at most 60,000 drawings in all for training', () => {
    const seeds = GENERATED_SETS.flatMap(({ parts }) => Object.values(parts).map(({ seed }) => seed))
    expect(new Set(seeds).size).toBe(seeds.length)
    const originals: Record<string, number> = { pendigits: 7494, letters: 518, characters: 1460 }
    const drawn = GENERATED_SETS.map(
      ({ from = '', parts }) => (parts.train?.count ?? 0) * (parts.train?.each ? originals[from] : 1),
    )
    expect([...drawn, ...Object.values(originals)].reduce((a, b) => a + b)).toBeLessThanOrEqual(60_000)
  })

  test('others: nothing of it is a digit; its test part alone has the kinds that are kept for it', () => {
    const kinds = (split: 'train' | 'test') =>
      new Set(
        generate({ ...set('others'), parts: { [split]: { seed: 1, count: 1500 } } }, split, []).map(
          ({ writer }) => writer.split(':')[1],
        ),
      )
    expect(kinds('train').has('umbrella')).toBe(false)
    expect(kinds('test').has('umbrella')).toBe(true)
  })

  test('pairs are of one writer each', async () => {
    const { drawings } = (await readDrawings('pendigits', 'train', smallSets())) ?? { drawings: [] }
    const small = { ...set('pendigits-pairs'), parts: { train: { seed: 1, count: 60 } } }
    const numbered = drawings.map((drawing, i) => ({
      ...drawing,
      strokes: [[[i, 0] as const, [i + 1, i + 1] as const]],
    }))
    const pairs = generate(small, 'train', numbered)
    expect(new Set(pairs.map(({ writer }) => writer)).size).toBe(4)
    expect(new Set(pairs.map(({ strokes }) => strokes.length))).toEqual(new Set([2, 3]))
  })

  test.each([
    ['pendigits-varied', 'test', /no test part/],
    ['pendigits-pairs', 'test', /pendigits-test/],
  ] as const)('%s has no %s part without the digits it is made of', async (name, split, message) => {
    const error = await refusal(readDrawings(name, split, smallSets()))
    expect(error).toMatchObject({ code: 'not_found', message: expect.stringMatching(message) })
  })

  test('is made of the files of another set, or of none', () => {
    expect(['mnist', 'styles', 'pendigits-pairs', 'letters-varied'].map(setsOnDisk)).toEqual([
      ['mnist'],
      [],
      ['pendigits'],
      ['letters'],
    ])
  })
})

describe('sets loaded together', () => {
  test('a writer has the same number in variants of a set; copies of images are known as such', async () => {
    const { images, data } = await loadDigits(
      ['d', 'pendigits', 'd', 'pendigits-varied', 'pendigits'],
      'train',
      smallSets(),
    )
    const writers = (from: number, count: number) => [...(images.groups?.subarray(from, from + count) ?? [])]
    const tens = Array.from({ length: 40 }, (_, i) => Math.floor(i / 10))
    expect(writers(0, 30)).toEqual(Array(30).fill(UNGROUPED))
    expect([writers(30, 40), writers(100, 80), writers(180, 40)]).toEqual([tens, [...tens, ...tens], tens])
    const originals = [...(images.originals ?? [])]
    expect(originals.slice(0, 70)).toEqual(Array.from({ length: 70 }, (_, i) => i))
    expect(originals.slice(70, 100)).toEqual(Array.from({ length: 30 }, (_, i) => i))
    expect(originals.slice(180)).toEqual(Array.from({ length: 40 }, (_, i) => 30 + i))
    expect(data.map(({ name }) => name)).toEqual(['d', 'pendigits', 'pendigits-varied'])
  })

  test('a set named twice gives validation what it gives when named once', async () => {
    const root = smallSets()
    const load = async (names: string[]) => splitValidation((await loadDigits(names, 'train', root)).images, 10, 1)
    const [once, twice] = [await load(['d']), await load(['d', 'd'])]
    expect(twice.validation.images).toEqual(once.validation.images)
    expect(twice.training.count).toBe(2 * once.training.count)
  })
})

describeUnless(noData, 'the real sets without digits', () => {
  test.each([
    ['letters', 'train', 518, 7],
    ['letters', 'test', 296, 4],
    ['characters', 'train', 1460, 80],
    ['characters', 'test', 320, 20],
  ] as const)('%s %s: %i drawings by %i writers', async (name, split, count, writers) => {
    const { drawings } = (await readDrawings(name, split, dataDir as string)) ?? { drawings: [] }
    expect([drawings.length, new Set(drawings.map(({ writer }) => writer)).size]).toEqual([count, writers])
    expect(drawings.every(({ label }) => label === OTHER)).toBe(true)
  })
})
