/** k nearest neighbours as shipped, and learning them from the command line. */

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import { evaluateModel } from '../../../core/models/evaluation.ts'
import { loadDigits } from '../../../server/dataset/digits.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { allBackends } from '../../core/backends.ts'
import { dataDir, noData } from '../../data-sets.ts'
import { testUnless } from '../../skip.ts'
import { run } from '../command.ts'
import { writeCrosses } from './crosses.ts'

const { card, data, bytes } = loadModel(join(SHIPPED_MODELS, 'knn'))
const folder = mkdtempSync(join(tmpdir(), 'inkling-knn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const digits = writeCrosses(folder)
const learn = (out: string, settings: string) => [
  'train',
  'knn',
  '--data-dir',
  folder,
  '--data',
  digits,
  '--validation',
  '100',
  '--out',
  join(folder, out),
  '--no-report',
  '--set',
  settings,
]

describe('the shipped k nearest neighbours', () => {
  it('have prototypes and card in 1,000,000 bytes, and at least 97.0 % on MNIST', () => {
    const cards = ['card.json', 'references.json'].map((name) => statSync(join(SHIPPED_MODELS, 'knn', name)).size)
    expect(bytes.length + cards[0] + cards[1]).toBeLessThan(1_000_000)
    expect(card.test.accuracy).toBeGreaterThanOrEqual(0.97)
    expect(card.test.images).toBe(10_000)
  })

  testUnless(noData, 'have exactly the accuracy of their card, and no answer differs between backends', async () => {
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
  })
})

describe('inkling train knn', () => {
  it.each([
    ['perClass=0', 'perClass must be a number from 1 to 6000'],
    ['perClass=1.5', 'perClass must be a whole number'],
    ['smoothing=0', 'smoothing must be a number from 0.000001 to 1000'],
    ['power=33', 'power must be a number from 0 to 32'],
  ])('with %s ends with 2 and says what is expected', async (settings, sentence) => {
    const { code, stderr } = await run(learn('wrong', settings))
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
    expect(existsSync(join(folder, 'wrong'))).toBe(false)
  })
})
