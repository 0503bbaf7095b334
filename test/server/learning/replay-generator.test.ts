/** The shipped generator: the bytes it draws, how similar they are to real digits, and what happens when its files are damaged. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { labelledImages } from '../../../core/learning/generator.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import {
  loadReplayGenerator,
  REPLAY_CARD,
  REPLAY_WEIGHTS,
  type ReplayCard,
} from '../../../server/learning/replay-generator.ts'
import { evaluateStored } from '../../../server/models/evaluate.ts'
import { loadModel } from '../../../server/models/load.ts'
import { compareDamage } from '../../../server/training/damage.ts'
import { run } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const replay = loadReplayGenerator()
const card = JSON.parse(readFileSync(join(SHIPPED_MODELS, REPLAY_CARD), 'utf8')) as ReplayCard

describe('the shipped generator', () => {
  test('draws these bytes on every machine', () => {
    const { images, labels } = labelledImages(replay.draw, 200)
    expect(sha256(images)).toBe('f9cf0d5c8de897fd7e6f79e8f93758c4a96e454b39226143a3ce928cd9afea00')
    expect(Array.from(labels.subarray(0, 20)).join('')).toBe('56789012349012345678')
  })

  test('gives the same image for an index whatever was drawn before, for the last u32 too', () => {
    const [a, b] = [new Uint8Array(784), new Uint8Array(784).fill(9)]
    for (const index of [0, 1, 77, 4_294_967_295]) {
      const label = replay.draw(a, index)
      replay.draw(b, index ^ 1)
      expect(replay.draw(b, index)).toBe(label)
      expect(b).toEqual(a)
    }
  })

  test('draws every digit once in every ten, and the gate has 500 of each', () => {
    const { labels } = labelledImages(replay.draw, 1000)
    for (let from = 0; from < 1000; from += 10) expect(new Set(labels.subarray(from, from + 10)).size).toBe(10)
    const counts = new Array<number>(10).fill(0)
    for (const label of replay.gate.labels) counts[label]++
    expect(counts).toEqual(new Array<number>(10).fill(500))
  })

  test('draws digits with ink up to at least 250 and at least 55 % of paper', () => {
    const { images } = labelledImages(replay.draw, 500)
    for (let i = 0; i < 500; i++) {
      const image = images.subarray(i * 784, (i + 1) * 784)
      expect(Math.max(...image)).toBeGreaterThanOrEqual(250)
      expect(image.filter((level) => level === 0).length).toBeGreaterThanOrEqual(0.55 * 784)
    }
  })

  test('is as hard for networks as MNIST is: accuracies within 1 point, and as in the card', async () => {
    const backends = await nodeBackends()
    for (const id of ['mlp-200', 'mlp-300-100', 'mlp-400-original']) {
      const model = loadModel(join(SHIPPED_MODELS, id))
      const { accuracy } = evaluateStored(model, replay.gate, backends)
      expect(Math.abs(accuracy - model.card.test.accuracy)).toBeLessThan(0.01)
      const stored = card.measured.find(({ model }) => model === id)
      if (stored?.sha256 === model.card.weights.sha256) expect(accuracy).toBe(stored.replay)
    }
  })

  test('takes at most 300 kB', () => {
    expect(readFileSync(join(SHIPPED_MODELS, REPLAY_WEIGHTS)).length).toBeLessThanOrEqual(300_000)
  })
})

describe('damage', () => {
  test('of a set compared with itself has correlation 1 and slope 1; a model that is no network is not damaged', async () => {
    const backends = await nodeBackends()
    const few = {
      images: replay.gate.images.subarray(0, 1000 * 784),
      labels: replay.gate.labels.subarray(0, 1000),
      count: 1000,
    }
    const compare = (id: string) => compareDamage(loadModel(join(SHIPPED_MODELS, id)), few, few, backends)
    const report = compare('softmax')
    expect(report).toMatchObject({ correlation: 1, slope: 1 })
    expect(report?.damages).toBeGreaterThan(10)
    expect(compare('knn')).toBeUndefined()
  })
})

describe('inkling train', () => {
  test('of replay takes only the entries of its recipe, within their bounds', async () => {
    for (const words of [
      ['--epochs', '3'],
      ['--set', 'trees=3'],
      ['--set', 'clouds=999'],
      ['--set', 'clouds=2.5'],
    ]) {
      const { code, stderr } = await run(['train', 'replay', '--out', folder, ...words])
      expect(code).toBe(2)
      expect(stderr).toMatch(/epochs|trees|clouds/)
    }
  })
})

describe('damaged files', () => {
  const broken = (change: (weights: Uint8Array, card: Record<string, unknown>) => void) => {
    for (const name of [REPLAY_CARD, REPLAY_WEIGHTS]) cpSync(join(SHIPPED_MODELS, name), join(folder, name))
    const weights = readFileSync(join(folder, REPLAY_WEIGHTS))
    const changed = JSON.parse(JSON.stringify(card)) as Record<string, unknown>
    change(weights, changed)
    writeFileSync(join(folder, REPLAY_WEIGHTS), weights)
    writeFileSync(join(folder, REPLAY_CARD), JSON.stringify(changed))
    return () => loadReplayGenerator(folder)
  }

  test('are refused with the name of what is wrong', () => {
    expect(broken(() => {})().name).toBe('replay')
    expect(broken((weights) => weights.set([weights[100_000] ^ 1], 100_000))).toThrow(/SHA-256/)
    expect(broken((_, changed) => Object.assign(changed, { preprocess: 99 }))).toThrow(/preprocessing 99/)
    expect(broken((_, changed) => Object.assign(changed, { generator: { dimensions: 1e9 } }))).toThrow(/dimensions/)
    writeFileSync(join(folder, REPLAY_CARD), '{')
    expect(() => loadReplayGenerator(folder)).toThrow(/not JSON/)
    rmSync(join(folder, REPLAY_CARD))
    expect(() => loadReplayGenerator(folder)).toThrow(/not there/)
  })
})
