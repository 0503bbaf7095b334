import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, describe, expect, test } from 'vitest'
import { DEFAULT_MODELS } from '../../server/config.ts'
import { runProcess } from '../child-processes.ts'
import { ROOT, run } from './command.ts'
import { DROPOUT, testModel, testWeights } from './models/test-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// A 1, as a thick dark stroke on white.
function picture(): Buffer {
  const png = new PNG({ width: 100, height: 100 })
  png.data.fill(255)
  for (let y = 15; y < 85; y++)
    for (let x = 46; x < 55; x++) png.data.fill(20, (y * 100 + x) * 4, (y * 100 + x) * 4 + 3)
  return PNG.sync.write(png)
}

describe('inkling', () => {
  test.each([
    [['--version'], 0],
    [['--help'], 0],
    [['serve', '--help'], 0],
    [['train', '--help'], 0],
    [['dataset', '--help'], 0],
    [[], 2],
    [['bogus'], 2],
    [['train'], 2],
    [['train', 'bogus'], 2],
    [['train', 'softmax', '--epochs', '0'], 2],
    [['train', 'softmax', '--rate', '1e'], 2],
    [['train', 'softmax', '--bogus'], 2],
    [['predict'], 2],
    [['predict', 'x.png', '--samples', '0'], 2],
    [['serve', '--port', 'abc'], 2],
    [['serve', '--port', '70000'], 2],
    [['predict', 'nowhere.png'], 1],
    [['predict', '.'], 1],
  ])('%j ends with %i and never shows a stack', async (words, expected) => {
    const { code, stdout, stderr } = await run(words)
    expect(code).toBe(expected)
    expect(stderr).not.toMatch(/\n\s+at /)
    if (expected === 0) expect(stdout).not.toBe('')
    else expect(stderr).not.toBe('')
  })
})

describe('inkling predict', () => {
  test('answers a drawn 1 from a file and from standard input, as text and as JSON', async () => {
    const file = join(folder, 'one.png')
    writeFileSync(file, picture())
    expect((await run(['predict', file])).stdout).toMatch(/^1 {2}\d+\.\d %\n$/)
    const answer = JSON.parse((await run(['predict', file, '--json'])).stdout)
    const { digit, model, probabilities, input } = answer
    expect([digit, model, probabilities.length, input.length]).toEqual([1, DEFAULT_MODELS.simd[0], 10, 784])
    const piped = await runProcess(process.execPath, ['server/inkling.js', 'predict', '-'], {
      cwd: ROOT,
      input: picture(),
    })
    expect(String(piped.stdout)).toMatch(/^1 /)
  })

  test('answers with the model named, and by samples with their spread; one that is not there is refused', async () => {
    const file = join(folder, 'sampled.png')
    writeFileSync(file, picture())
    const models = testWeights(testModel('plain'), testModel('dropout', DROPOUT))
    const ask = (...words: string[]) => run(['predict', file, '--models', models, ...words])
    expect((await ask('--model', 'dropout', '--samples', '30')).stdout).toMatch(
      /^\d {2}\d+\.\d % {2}\+- \d+\.\d % {2}unsure\n$/,
    )
    expect(JSON.parse((await ask('--model', 'plain', '--json')).stdout).model).toBe('plain')
    for (const words of [
      ['--model', 'plain', '--samples', '30'],
      ['--model', 'nobody'],
    ]) {
      const { code, stderr } = await ask(...words)
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: [^\n]+\n$/)])
    }
  })

  test('gives the same probabilities on every backend', async () => {
    const file = join(folder, 'same.png')
    writeFileSync(file, picture())
    const answers = await Promise.all(
      ['simd', 'scalar', 'ts'].map((name) =>
        run(['predict', file, '--model', 'cnn', '--json'], { INKLING_BACKEND: name }),
      ),
    )
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1)
    expect(answers[0].code).toBe(0)
  })

  test('refuses what holds no digit and what is no PNG, with exit 1 and one sentence', async () => {
    const file = join(folder, 'text.png')
    writeFileSync(file, 'not a picture')
    const { code, stderr } = await run(['predict', file])
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1])
    const backend = await run(['predict', file], { INKLING_BACKEND: 'gpu' })
    expect(backend.code).toBe(1)
  })
})
