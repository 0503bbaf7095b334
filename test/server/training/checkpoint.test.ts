/** Checkpoints: either everything is read as it was written, or nothing. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../../server/training/checkpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-checkpoint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const RUN = { model: 'test', recipe: { rate: 0.1, seed: 3 } }
const STATE = {
  training: {
    epoch: 3,
    bestLoss: Infinity,
    parameters: Float32Array.of(1.5, -0, 2 ** -50, 3.4e38),
    moments: new Float32Array(0),
  },
  history: [{ epoch: 1, validation: { loss: 0.1 + 0.2 } }],
  seconds: 1 / 3,
}

describe('a checkpoint', () => {
  const path = join(folder, 'a.checkpoint')

  test('gives back every number bit for bit, infinity and arrays too, and leaves no temporary file', () => {
    writeCheckpoint(path, RUN, STATE)
    const read = readCheckpoint<typeof STATE>(path, RUN)
    expect(read).toEqual(STATE)
    expect(Object.is(read?.training.parameters[1], -0)).toBe(true)
    expect(readdirSync(folder)).toEqual(['a.checkpoint'])
  })

  test('is nothing where there is no file', () => {
    expect(readCheckpoint(join(folder, 'none'), RUN)).toBeUndefined()
  })

  test('of another run is refused, naming what differs', () => {
    writeCheckpoint(path, RUN, STATE)
    expect(() => readCheckpoint(path, { ...RUN, recipe: { rate: 0.2, seed: 3 } })).toThrow(
      /of a run with another recipe/,
    )
  })

  test.each([0, 64, 70, 200, -2])('with one bit changed at byte %i is refused', (at) => {
    writeCheckpoint(path, RUN, STATE)
    const bytes = readFileSync(path)
    bytes[at < 0 ? bytes.length + at : at] ^= 1
    writeFileSync(path, bytes)
    expect(() => readCheckpoint(path, RUN)).toThrow(/is damaged; --fresh starts anew/)
  })
})
