/** The report of a training run: well-formed pictures that show the figures, the same bytes each time. */

import { parseHTML } from 'linkedom'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import type { Card } from '../../../core/models/card.ts'
import { evaluateModel, type LabelledImages } from '../../../core/models/evaluation.ts'
import { countVerdicts } from '../../../core/models/verdict-counts.ts'
import { describeEvaluation, tabulate } from '../../../server/report/figures.ts'
import { reportFiles } from '../../../server/report/report.ts'
import type { EpochFigures } from '../../../server/training/run.ts'
import { testModel } from '../models/test-model.ts'

const COUNT = 150

// Image i has its number in its bytes; the model takes every digit for the next one, surer from image to image, and a 9 for a 9.
const set: LabelledImages = {
  images: Uint8Array.from({ length: COUNT * 784 }, (_, at) => (at % 784 === 400 ? Math.floor(at / 784) : 0)),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  count: COUNT,
  refused: [3],
}
const evaluation = evaluateModel(
  {
    scores(input) {
      const i = input[400]
      const sure = 0.5 + i / 1000
      return Float32Array.from({ length: 10 }, (_, c) => (c === Math.min(9, (i % 10) + 1) ? sure : (1 - sure) / 9))
    },
  },
  set,
)

const history: EpochFigures[] = [0.9, 0.5, 0.6].map((loss, i) => ({
  epoch: i + 1,
  training: { loss: loss / 2, accuracy: 0.8 + i / 20 },
  validation: { loss, accuracy: 0.7 + i / 20 },
  best: i < 2,
}))

const { card: plain } = testModel()
const card = { ...plain, name: 'Test & <model>' }
const silent = () => {}
const reported = { card, data: 'made', evaluation, set, history }
const files = await reportFiles(reported, silent)

function parse(name: string) {
  const text = files[name]
  expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(text).not.toMatch(/NaN|Infinity|undefined/)
  expect(text).not.toContain('<model>') // escaped
  return parseHTML(text).document
}

const texts = (name: string) => [...parse(name).querySelectorAll('text')].map(({ textContent }) => textContent)

describe('a report', () => {
  test('is made of history.json and three pictures, the same bytes each time', async () => {
    expect(Object.keys(files).sort()).toEqual(['confusion.svg', 'curves.svg', 'history.json', 'mistakes.svg'])
    expect(await reportFiles(reported, silent)).toEqual(files)
  })

  test('keeps the figures of every epoch', () => {
    expect(JSON.parse(files['history.json'])).toEqual(history)
  })

  test('has four curves with a point for every epoch: loss and errors, training and validation', () => {
    const paths = [...parse('curves.svg').querySelectorAll('[aria-label=line] path')].map((path) =>
      path.getAttribute('d'),
    )
    expect(paths).toHaveLength(4)
    for (const path of paths) expect(path?.match(/[ML]/g)).toHaveLength(history.length)
    expect(texts('curves.svg').join()).toContain('validation')
  })

  test('marks the best epoch, and names the loss that training minimised if validation measures another', async () => {
    const [rule] = parse('curves.svg').querySelectorAll('[aria-label=rule] line, line[stroke-dasharray]')
    const at = Number(rule.getAttribute('x1'))
    const [first, , third] = (parse('curves.svg').querySelector('[aria-label=line] path')?.getAttribute('d') ?? '')
      .slice(1)
      .split('L')
      .map((point) => Number(point.split(',')[0]))
    expect(at).toBeCloseTo((first + third) / 2, 1) // the second of three
    const squaredCard = { ...card, recipe: { ...card.recipe, loss: 'squared' } } as Card
    const squared = await reportFiles({ ...reported, card: squaredCard }, silent)
    expect(squared['curves.svg']).toContain('training (squared error)')
    expect(files['curves.svg']).not.toContain('squared error')
  })

  test('draws runs of one epoch, and runs that diverged', async () => {
    for (const validation of [0.5, Infinity, Number.NaN]) {
      const short = [{ ...history[0], validation: { loss: validation, accuracy: 0.1 } }]
      const { 'curves.svg': curves } = await reportFiles({ ...reported, history: short }, silent)
      expect(curves).not.toMatch(/NaN|Infinity|warning/)
      expect(curves).toContain('aria-label="dot"')
    }
  })

  test('shows the count of every cell of the confusion matrix, and a column of refusals where there are any', () => {
    const counts = texts('confusion.svg')
    expect(counts.filter((text) => text === '15')).toHaveLength(9) // 0..8 but 3 as the next one, 9 as itself
    expect(counts.filter((text) => text === '14')).toHaveLength(1) // the 3s
    expect(counts).toContain('none')
  })

  test('shows at most 100 mistakes, the surest first, each as the pixels the model saw and in words', () => {
    const pictures = [...parse('mistakes.svg').querySelectorAll('image')]
    expect(pictures).toHaveLength(100)
    const captions = texts('mistakes.svg')
    expect(captions[0]).toContain('100 of 135 mistakes')
    expect(captions.slice(1, 3)).toEqual(['8 → 9, 65 %', '7 → 8, 65 %'])
    const [, base64] = pictures[0].getAttribute('href')?.split('base64,') ?? []
    const { data, width, height } = PNG.sync.read(Buffer.from(base64, 'base64'))
    expect([width, height]).toEqual([28, 28])
    expect(data[400 * 4]).toBe(255 - 148) // ink is dark
    expect(data[0]).toBe(255)
  })

  test('of a model without epochs has no curves', async () => {
    const without = await reportFiles({ card, data: 'made', evaluation, set }, silent)
    expect(Object.keys(without).sort()).toEqual(['confusion.svg', 'mistakes.svg'])
  })
})

describe('an evaluation as text', () => {
  const verdicts = countVerdicts(evaluation, set.labels, 0.55)
  const measured = { model: 'test', name: 'Test', data: 'made', evaluation, verdicts, seconds: 0.5 }

  test('has accuracy with its standard error, loss, calibration, refusals and a row for every digit', () => {
    const text = describeEvaluation(measured)
    expect(text).toContain('Test on made: 150 images, 300 a second')
    expect(text).toMatch(/accuracy +10\.00 % {2}\(standard error 2\.45 %\)/)
    expect(text).toMatch(/ECE +\d+\.\d\d %/)
    expect(text).toContain('refused   1 images')
    expect(text).toContain(
      'digits     33.33 %  turned away of 150: 0 not a digit, 49 unsure, 1 refused; 0 a digit at over 90 %',
    )
    expect(text).not.toContain('others')
    expect(text).toMatch(/\n9 +100\.00 % +50\.00 % +0 +0 +0 +0 +0 +0 +0 +0 +0 +15\n/)
  })

  test('of drawings that are no digits has the verdicts alone', () => {
    const labels = set.labels.map(() => 10)
    const others = evaluateModel(
      { scores: () => Float32Array.from({ length: 11 }, (_, c) => (c === 10 ? 1 : 0)) },
      { ...set, labels },
    )
    const text = describeEvaluation({ ...measured, evaluation: others, verdicts: countVerdicts(others, labels, 0.5) })
    expect(text.split('\n')).toEqual([
      'Test on made: 150 images, 300 a second',
      'others    100.00 %  turned away of 150: 149 not a digit, 0 unsure, 1 refused; 0 a digit at over 90 %',
    ])
  })

  test('of many is a line each, in columns of one width', () => {
    const lines = tabulate([measured, { ...measured, model: 'a-longer-name' }]).split('\n')
    expect(lines).toHaveLength(3)
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
  })
})
