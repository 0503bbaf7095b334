/** `inkling evaluate`: it measures the figures of the card again, and says in a sentence what cannot be measured. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { run } from '../command.ts'

const { card } = loadModel(join(SHIPPED_MODELS, 'softmax'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-evaluate-'))
const REPORT = ['confusion.svg', 'curves.svg', 'history.json', 'mistakes.svg']
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeUnless(noData, 'inkling evaluate', () => {
  test('measures on MNIST’s test set exactly what the card says: at least 91.1 %', async () => {
    const { code, stdout } = await run(['evaluate', 'softmax', '--json'])
    expect(code).toBe(0)
    const figures = JSON.parse(stdout)
    const { data: _, ...wanted } = card.test
    expect(figures).toMatchObject(wanted)
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.911)
    expect(figures.calibration.error).toBeLessThan(0.02)
    expect(figures.calibration.bins).toHaveLength(15)
    expect(figures.confusion.flat().reduce((sum: number, count: number) => sum + count)).toBe(10_000)
  })

  test('measures every model on several sets, a line each, and writes the pictures to the given folder', async () => {
    const pictures = join(folder, 'pictures')
    const { code, stdout } = await run(['evaluate', '--all', '--data', 'pendigits,emnist,uji', '--report', pictures])
    expect(code).toBe(0)
    const models = readdirSync(SHIPPED_MODELS).filter((id) => existsSync(join(SHIPPED_MODELS, id, 'card.json')))
    const lines = stdout.trim().split('\n').slice(1)
    expect(lines).toHaveLength(3 * models.length)
    for (const data of ['pendigits', 'emnist', 'uji']) {
      expect(lines.filter((line) => line.includes(` ${data} `))).toHaveLength(models.length)
      expect(readdirSync(join(pictures, `softmax-${data}`)).sort()).toEqual(REPORT)
    }
    expect(lines.find((line) => /^softmax +pendigits/.test(line))).toMatch(/ 3498 /)
  })

  test('says of a model without dropout that it has none to sample with', async () => {
    const { code, stderr } = await run(['evaluate', 'softmax', '--samples', '10', '--data', 'uji'])
    expect([code, stderr]).toEqual([1, 'inkling: model softmax has no dropout to take samples with\n'])
  })

  test('a data folder without the set is one sentence that names the way to get it', async () => {
    const { code, stderr } = await run(['evaluate', '--data-dir', dataFile('png')])
    expect(code).not.toBe(0)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/inkling dataset fetch mnist/)
  })
})

test('inkling evaluate of a model that is not there names those that are', async () => {
  const { code, stderr } = await run(['evaluate', 'nope'])
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: no model nope; there are: .*softmax/)])
})
