/** `inkling train`: its files and exit codes, and that threads and interruptions change no byte. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Card } from '../../../core/models/card.ts'
import { Random } from '../../../core/random.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { run } from '../command.ts'

const shipped = loadModel(join(SHIPPED_MODELS, 'softmax'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-train-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bars at ten heights as CSV: a data set that is learned quickly, in a folder with a training and a test part. */
function bars(name: string): string {
  const random = new Random(2, 0)
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const at = random.below(3)
      const pixels = Array.from({ length: 784 }, (_, p) => {
        const [row, column] = [Math.floor(p / 28), p % 28]
        return row >= 2 && row < 4 + 2 * (i % 10) && column >= 10 + at && column < 13 + at + (i % 10) ? 200 + at : 0
      })
      return `${i % 10},${pixels.join()}\n`
    }).join('')
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'train.csv'), rows(200))
  writeFileSync(join(path, 'test.csv'), rows(40))
  return path
}

const digits = bars('bars')
const QUICK = [
  'train',
  'softmax',
  '--data-dir',
  folder,
  '--data',
  digits,
  '--validation',
  '40',
  '--batch',
  '20',
  '--rate',
  '0.05',
]

describe('the shipped softmax model', () => {
  test('has CSV files that read back as the weights, bit for bit', () => {
    const read = (name: string) =>
      readFileSync(join(SHIPPED_MODELS, 'softmax', name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',').map(Number))
    const [weights, biases] = [read('weights.csv'), read('biases.csv')]
    expect([weights.length, biases.length]).toEqual([784, 1])
    expect(weights.every((row) => row.length === 11)).toBe(true)
    const values = Float32Array.from([...weights.flat(), ...biases.flat()])
    expect(new Uint8Array(values.buffer)).toEqual(shipped.data)
  })

  test('has a card that says how it was made and how well it does', () => {
    const { card } = shipped
    expect(card.test.accuracy).toBeGreaterThanOrEqual(0.911)
    expect(card.test.images).toBe(10_000)
    expect(card.test.standardError).toBeCloseTo(Math.sqrt((card.test.accuracy * (1 - card.test.accuracy)) / 10_000), 12)
    expect(card.test.perClass).toHaveLength(10)
    const digests = card.training.flatMap(({ files }) => Object.values(files))
    expect(digests.length).toBeGreaterThanOrEqual(2)
    expect(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true)
    expect(card.recipe.command).toMatch(/^inkling train softmax .*--seed \d+/)
  })
})

describe('inkling train', () => {
  test('refuses a single file: training images are not test images', async () => {
    const single = ['train', 'softmax', '--data', join(digits, 'train.csv'), '--out', join(folder, 'single')]
    const { code, stderr } = await run(single)
    expect(code).toBe(1)
    expect(stderr).toMatch(/train\.csv is one set: a folder with a training and a test set is due/)
    expect(existsSync(join(folder, 'single'))).toBe(false)
  })

  test('leaves weights, a card and a report, and nothing else', async () => {
    const path = join(folder, 'report')
    const { code, stderr } = await run([...QUICK, '--epochs', '3', '--out', path])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/epoch 3\/3[\s\S]*tuning for 8 bits, 2 epochs[\s\S]*epoch 5\/5/),
    ])
    expect(readdirSync(path).sort()).toEqual([
      'biases.csv',
      'card.json',
      'report',
      'weights.csv',
      'weights.safetensors',
    ])
    const report = ['confusion.svg', 'curves.svg', 'history.json', 'mistakes.svg']
    expect(readdirSync(join(path, 'report')).sort()).toEqual(report)
    expect(JSON.parse(readFileSync(join(path, 'report', 'history.json'), 'utf8'))).toHaveLength(5)
    const { card } = loadModel(path)
    expect(card.training.map(({ name }) => name)).toEqual(['bars'])
    expect(JSON.stringify(card)).not.toContain(folder) // of the path only the name
    expect(card.trainingTime?.seconds).toBeGreaterThan(0)
  })

  test('gives the same bytes with one thread and with two', async () => {
    const digests: string[] = []
    for (const threads of ['1', '2']) {
      const path = join(folder, `threads-${threads}`)
      const { code } = await run([...QUICK, '--epochs', '2', '--shards', '3', '--threads', threads, '--out', path])
      expect(code).toBe(0)
      digests.push(loadModel(path).card.weights.sha256)
    }
    expect(digests[0]).toBe(digests[1])
  })

  test('stops early when it has waited for a better epoch as long as it has patience', async () => {
    const path = join(folder, 'patience')
    // a rate that overshoots: after a few epochs the validation loss rises
    const words = [
      ...QUICK,
      '--bits',
      '32',
      '--epochs',
      '500',
      '--rate',
      '3',
      '--schedule',
      'constant',
      '--patience',
      '4',
    ]
    const { code, stderr } = await run([...words, '--out', path])
    expect(code).toBe(0)
    expect(stderr).toMatch(/no better epoch in 4: that is all/)
    const history = JSON.parse(readFileSync(join(path, 'report', 'history.json'), 'utf8'))
    const { card } = loadModel(path)
    expect(card.recipe.bestEpoch).toBe(history.length - 4)
    expect(history.length).toBeLessThan(500)
  })

  test('stores weights in 8 bits, which are those that were measured, or in f32', async () => {
    const path = join(folder, 'bits')
    const stored = async (...words: string[]) => {
      expect((await run([...QUICK, '--epochs', '2', '--no-report', '--out', path, ...words])).code).toBe(0)
      return loadModel(path)
    }
    const small = await stored('--tune', '1')
    expect(small.card.recipe.command).toContain('--bits 8 --tune 1')
    expect(small.card.recipe).toMatchObject({ bits: 8, tune: 1, tuned: { bestEpoch: expect.any(Number) } })
    expect(small.bytes.length).toBeLessThan(small.data.length / 3)
    const large = await stored('--bits', '32')
    expect(large.card.recipe).toMatchObject({ bits: 32, tune: 0 })
    expect(large.card.recipe).not.toHaveProperty('tuned')
    expect(large.bytes.length).toBeGreaterThan(large.data.length)
    const { code, stderr } = await run([...QUICK, '--bits', '32', '--tune', '1', '--out', path])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--tune is for weights in 8 bits: see --bits')])
  })

  test('--json prints the card alone on standard output', async () => {
    const { stdout } = await run([...QUICK, '--epochs', '1', '--no-report', '--json', '--out', join(folder, 'json')])
    expect((JSON.parse(stdout) as Card).id).toBe('softmax')
    expect(existsSync(join(folder, 'json', 'report'))).toBe(false)
  })
})

describe('inkling train --reproduce', () => {
  const path = join(folder, 'original')
  const card = join(path, 'card.json')
  const again = ['train', '--reproduce', card, '--data-dir', folder, '--data', digits]

  test('says same, with the digest, and exits 0 when the weights are the same bytes', async () => {
    expect((await run([...QUICK, '--epochs', '2', '--seed', '9', '--out', path])).code).toBe(0)
    const { code, stdout } = await run(again)
    expect([code, stdout]).toEqual([0, `same  ${loadModel(path).card.weights.sha256}  weights.safetensors\n`])
  })

  test('gives both digests and exits 1 when they are not', async () => {
    const text = readFileSync(card, 'utf8')
    const changed = join(folder, 'changed.json')
    writeFileSync(changed, text.replace(/"seed": 9/, '"seed": 10'))
    const { code, stdout } = await run(['train', '--reproduce', changed, '--data-dir', folder, '--data', digits])
    const { sha256: wanted } = loadModel(path).card.weights
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^not the same\\ncard  ${wanted}\\nmade  [0-9a-f]{64}\\n$`)),
    ])
  })

  test('exits 3, naming file and both digests, when the data are others', async () => {
    const other = bars('other')
    writeFileSync(join(other, 'train.csv'), readFileSync(join(other, 'train.csv'), 'utf8').replace('200', '199'))
    const { code, stderr, stdout } = await run(['train', '--reproduce', card, '--data', other])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/train\.csv of bars has SHA-256 [0-9a-f]{64} in the card, [0-9a-f]{64} here\n$/)
  })

  test('exits 3 when the file is no card, and 2 when the command has entries of the recipe too', async () => {
    const none = await run(['train', '--reproduce', join(digits, 'test.csv')])
    expect([none.code, none.stderr]).toEqual([3, expect.stringMatching(/test\.csv is no model card: /)])
    const other = await run([...again, '--seed', '4'])
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/--seed has no place beside --reproduce/)])
  })
})
