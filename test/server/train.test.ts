/** Training for real: the shipped weights come out again, byte for byte, interruption or not. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadModel, SHIPPED_MODELS, sha256 } from '../../server/models.ts'
import { dataFile, hasData } from '../data.ts'
import { run, start } from './command.ts'

const shipped = loadModel(join(SHIPPED_MODELS, 'softmax'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-train-'))
const out = join(folder, 'softmax')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the shipped softmax model', () => {
  test('has CSV files that read back as the weights, bit for bit', () => {
    const read = (name: string) =>
      readFileSync(join(SHIPPED_MODELS, 'softmax', name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',').map(Number))
    const [weights, biases] = [read('weights.csv'), read('biases.csv')]
    expect([weights.length, biases.length]).toEqual([784, 1])
    expect(weights.every((row) => row.length === 10)).toBe(true)
    expect(Float32Array.from([...weights.flat(), ...biases.flat()])).toEqual(shipped.parameters)
  })

  test('has a card that says how it was made and how well it does', () => {
    const { card } = shipped
    expect(card.test.accuracy).toBeGreaterThanOrEqual(0.925)
    expect(card.test.images).toBe(10_000)
    expect(card.test.standardError).toBeCloseTo(Math.sqrt((card.test.accuracy * (1 - card.test.accuracy)) / 10_000), 12)
    expect(card.test.perClass).toHaveLength(10)
    expect(Object.values(card.training.files).every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true)
    expect(card.recipe.command).toMatch(/^inkling train softmax .*--seed \d+/)
  })
})

test('inkling train refuses a single file: what is learned from is not what is measured on', async () => {
  const file = join(folder, 'digits.csv')
  // 30 ones: a bar in columns 13 and 14
  const pixels = Array.from({ length: 784 }, (_, i) =>
    (i % 28 === 13 || i % 28 === 14) && i > 112 && i < 672 ? 255 : 0,
  )
  writeFileSync(file, `1,${pixels.join()}\n`.repeat(30))
  const { code, stderr } = await run(['train', 'softmax', '--data', file, '--out', join(folder, 'single')])
  expect(code).toBe(1)
  expect(stderr).toMatch(/digits\.csv is one set: a folder with a training and a test set is due/)
  expect(existsSync(join(folder, 'single'))).toBe(false)
})

describe.skipIf(!hasData)('inkling train softmax (needs INKLING_DATA)', () => {
  test('killed by SIGINT, then resumed, gives the bytes of the shipped weights', async () => {
    const words = [...shipped.card.recipe.command.split(' ').slice(1), '--out', out]
    const first = start(words)
    await first.stderr(/epoch 7\//)
    first.process.kill('SIGINT')
    const stopped = await first.finished
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toMatch(/stopped; the same command goes on from/)
    expect(existsSync(out)).toBe(false)
    expect(existsSync(`${out}.checkpoint`)).toBe(true)

    const second = await run(words)
    expect(second.stderr).toMatch(/resuming after epoch \d+, step \d+/)
    expect(second.code).toBe(0)
    expect(existsSync(`${out}.checkpoint`)).toBe(false)
    const trained = loadModel(out)
    expect(sha256(trained.bytes)).toBe(shipped.card.weights.sha256)
    expect(trained.card).toEqual(shipped.card)
    for (const name of ['weights.csv', 'biases.csv', 'card.json']) {
      expect(readFileSync(join(out, name)).equals(readFileSync(join(SHIPPED_MODELS, 'softmax', name))), name).toBe(true)
    }
  }, 120_000)

  test('refuses a checkpoint of another run and a damaged one, in one sentence', async () => {
    const words = ['train', 'softmax', '--epochs', '3', '--out', join(folder, 'other')]
    const first = start(words)
    await first.stderr(/epoch 1\//)
    first.process.kill('SIGINT')
    await first.finished
    const other = await run([...words, '--seed', '2'])
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/is of a run with another recipe; --fresh starts anew\n$/),
    ])
    const checkpoint = join(folder, 'other.checkpoint')
    writeFileSync(checkpoint, readFileSync(checkpoint, 'utf8').replace(/"step":\d/, '"step":9'))
    const damaged = await run(words)
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringMatching(/is damaged; --fresh starts anew\n$/)])
  }, 60_000)

  test('evaluate measures on MNIST’s test set what the card says: at least 92.5 %', async () => {
    const { code, stdout } = await run(['evaluate', 'softmax', '--json'])
    expect(code).toBe(0)
    const figures = JSON.parse(stdout)
    expect(figures.accuracy).toBe(shipped.card.test.accuracy)
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.925)
  })

  test('a data folder without the set is one sentence that names the way to get it', async () => {
    const { code, stderr } = await run(['evaluate', '--data-dir', dataFile('png')])
    expect(code).not.toBe(0)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/inkling dataset fetch mnist/)
  })
})
