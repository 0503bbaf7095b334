/** k nearest neighbours as shipped, and learning them from the command line. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import { evaluateModel } from '../../../core/models/evaluation.ts'
import { Random } from '../../../core/random.ts'
import { loadDigits } from '../../../server/dataset/digits.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { allBackends } from '../../core/backends.ts'
import { dataDir, hasData } from '../../data.ts'
import { run, start } from '../command.ts'

const { card, data, bytes } = loadModel(join(SHIPPED_MODELS, 'knn'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-knn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Crosses whose bars lie at ten heights, as CSV: learned in a moment. */
function crosses(): string {
  const random = new Random(9, 0)
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const across = 8 + random.below(10)
      const pixels = Array.from({ length: 784 }, (_, p) => {
        const [row, column] = [Math.floor(p / 28), p % 28]
        const upright = row >= 3 && row < 25 && Math.abs(column - across) < 2
        const lying = column >= 4 && column < 24 && Math.abs(row - 4 - 2 * (i % 10)) < 2
        return upright || lying ? 180 + random.below(70) : 0
      })
      return `${i % 10},${pixels.join()}\n`
    }).join('')
  const path = join(folder, 'crosses')
  mkdirSync(path)
  writeFileSync(join(path, 'train.csv'), rows(600))
  writeFileSync(join(path, 'test.csv'), rows(100))
  return path
}

const digits = crosses()
const learn = (out: string, settings: string) => [
  ...['train', 'knn', '--data-dir', folder, '--data', digits, '--validation', '100', '--out', join(folder, out)],
  ...['--no-report', '--set', settings],
]

describe('the shipped k nearest neighbours', () => {
  it('have prototypes and card in 1,000,000 bytes, and at least 97.0 % on MNIST', () => {
    const cards = ['card.json', 'references.json'].map((name) => statSync(join(SHIPPED_MODELS, 'knn', name)).size)
    expect(bytes.length + cards[0] + cards[1]).toBeLessThan(1_000_000)
    expect(card.test.accuracy).toBeGreaterThanOrEqual(0.97)
    expect(card.test.images).toBe(10_000)
  })

  it.skipIf(!hasData)(
    'have the accuracy their card tells, exactly, and none of its answers differs by backend (needs INKLING_DATA)',
    async () => {
      const { images } = await loadDigits(['mnist'], 'test', dataDir ?? '')
      const models = allBackends(modelMemory(card)).map((backend) => createModel(backend, card, data))
      const { accuracy, loss, perClass } = evaluateModel(models[2], images)
      expect({ accuracy, loss, perClass }).toEqual({
        accuracy: card.test.accuracy,
        loss: card.test.loss,
        perClass: card.test.perClass,
      })
      for (let i = 0; i < 200; i++) {
        const [first, ...others] = models.map((model) => [
          ...model.probabilities(images.images.subarray(i * 784, (i + 1) * 784)),
        ])
        for (const other of others) expect(other).toEqual(first)
      }
    },
    120_000,
  )
})

describe('inkling train knn', () => {
  it('interrupted and gone on with gives the bytes of a run that was left alone', async () => {
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

  it.each([
    ['perClass=0', 'perClass must be a number from 1 to 6000'],
    ['perClass=1.5', 'perClass must be a whole number'],
    ['smoothing=0', 'smoothing must be a number from 0.000001 to 1000'],
    ['power=33', 'power must be a number from 0 to 32'],
  ])(
    'with %s ends with 2 and says what is expected',
    async (settings, sentence) => {
      const { code, stderr } = await run(learn('wrong', settings))
      expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
      expect(existsSync(join(folder, 'wrong'))).toBe(false)
    },
    60_000,
  )
})
