/** Learning k nearest neighbours from the command line, interrupted. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { run, start } from '../command.ts'
import { writeCrosses } from './crosses.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-knn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const digits = writeCrosses(folder)
const TRAIN = ['train', 'knn', '--data-dir', folder, '--data', digits, '--validation', '100', '--no-report']
const learn = (out: string, settings: string) => [...TRAIN, '--out', join(folder, out), '--set', settings]

describe('inkling train knn', () => {
  it('interrupted and resumed gives the bytes of an uninterrupted run', async () => {
    const settings = 'perClass=4,epochs=40,k=3'
    const whole = await run(learn('whole', settings))
    expect([whole.code, whole.stderr]).toEqual([0, expect.stringContaining('test images')])
    const first = start(learn('parted', settings))
    await first.stderr(/epoch 2\/40/)
    first.process.kill('SIGINT')
    expect((await first.finished).code).toBe(130)
    expect(existsSync(join(folder, 'parted.checkpoint'))).toBe(true)
    const second = await run(learn('parted', settings))
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('resuming after epoch')])
    const weights = (name: string) => readFileSync(join(folder, name, 'weights.safetensors'))
    expect(weights('parted').equals(weights('whole'))).toBe(true)
  }, 120_000)
})
