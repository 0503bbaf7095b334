/** Training progress: plain lines in a file, lines above a bar on a terminal. */

import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { epochLine, runProgress } from '../../../server/training/progress.ts'

function stream(isTTY: boolean) {
  const written: string[] = []
  const target = new PassThrough()
  target.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  return {
    target: Object.assign(target, { isTTY, columns: 80 }) as unknown as NodeJS.WriteStream,
    text: () => written.join(''),
  }
}

const LINE = epochLine(
  { epoch: 2, training: { loss: 0.25, accuracy: 0.925 }, validation: { loss: 0.5, accuracy: 0.9 }, best: true },
  10,
)

test('an epoch’s line has both losses, both accuracies, and whether it is the best yet', () => {
  expect(LINE).toBe('epoch 2/10  loss 0.2500  accuracy 92.50 %  validation loss 0.5000  accuracy 90.00 %  best')
})

describe('progress', () => {
  test('into a file is its lines and nothing else', () => {
    const { target, text } = stream(false)
    const progress = runProgress(target)
    progress.note('begin')
    for (let i = 0; i <= 10; i++) progress.update('training', i, 10, 'loss 1')
    progress.note(LINE)
    progress.stop()
    expect(text()).toBe(`begin\n${LINE}\n`)
  })

  test('on a terminal moves though nobody pauses, keeps every line, and leaves no bar behind', () => {
    const { target, text } = stream(true)
    const progress = runProgress(target)
    progress.note('begin')
    progress.update('training', 1, 4, 'loss 0.9')
    progress.note(LINE)
    progress.update('training', 3, 4, 'loss 0.7')
    progress.note('last words')
    progress.stop()
    for (const words of ['begin\n', '25 %  loss 0.9', `${LINE}\n`, '75 %  loss 0.7', ' left', 'last words\n']) {
      expect(text()).toContain(words)
    }
    expect(text().endsWith('\u001b[0J')).toBe(true) // cleared to the end of the screen
  })
})
