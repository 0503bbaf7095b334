/** Shipped weights trained again, byte for byte, with and without interruption. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import { loadModel } from '../../../server/models/load.ts'
import { noData } from '../../data-sets.ts'
import { describeUnless, testUnless } from '../../skip.ts'
import { run, start } from '../command.ts'

/** Shipped models that are trained again here. */
const TRAINED_AGAIN = ['softmax', 'forest']

const shipped = loadModel(join(SHIPPED_MODELS, 'softmax'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-train-'))
const out = join(folder, 'softmax')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('inkling train --reproduce', () => {
  for (const id of TRAINED_AGAIN) {
    testUnless(noData, `gives the shipped weights of ${id}`, async () => {
      const { code, stdout } = await run(['train', '--reproduce', join(SHIPPED_MODELS, id, 'card.json')])
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^same {2}[0-9a-f]{64}/)])
    })
  }
})

describeUnless(noData, 'inkling train softmax', () => {
  test('killed by SIGINT, then resumed, gives the bytes of the shipped weights and the whole history', async () => {
    const words = [...shipped.card.recipe.command.split(' ').slice(1), '--out', out]
    const first = start(words)
    await first.stderr(/epoch 7\//)
    first.process.kill('SIGINT')
    const stopped = await first.finished
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toMatch(/stopped; the same command resumes from/)
    expect(existsSync(out)).toBe(false)
    expect(existsSync(`${out}.checkpoint`)).toBe(true)

    const second = await run(words)
    expect(second.stderr).toMatch(/resuming after epoch \d+, step \d+/)
    expect(second.code).toBe(0)
    expect(existsSync(`${out}.checkpoint`)).toBe(false)
    const trained = loadModel(out)
    expect(sha256(trained.bytes)).toBe(shipped.card.weights.sha256)
    expect({ ...trained.card, trainingTime: 0 }).toEqual({ ...shipped.card, trainingTime: 0 })
    for (const name of ['weights.csv', 'biases.csv', 'report/history.json']) {
      expect(readFileSync(join(out, name)).equals(readFileSync(join(SHIPPED_MODELS, 'softmax', name))), name).toBe(true)
    }
  }, 240_000)

  test('refuses a checkpoint of another run and a damaged one, in one sentence', async () => {
    const words = ['train', 'softmax', '--epochs', '3', '--out', join(folder, 'other-run')]
    const first = start(words)
    await first.stderr(/epoch 1\//)
    first.process.kill('SIGINT')
    await first.finished
    const other = await run([...words, '--seed', '2'])
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/is of a run with another recipe; --fresh starts anew\n$/),
    ])
    const checkpoint = join(folder, 'other-run.checkpoint')
    writeFileSync(checkpoint, readFileSync(checkpoint, 'utf8').replace(/"step":\d/, '"step":9'))
    const damaged = await run(words)
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringMatching(/is damaged; --fresh starts anew\n$/)])
  }, 120_000)
})
