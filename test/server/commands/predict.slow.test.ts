/** `inkling predict` of more rows than the memory would hold. */

import { once } from 'node:events'
import { expect } from 'vitest'
import { startProcess } from '../../child-processes.ts'
import { testUnless } from '../../skip.ts'
import { ROOT } from '../command.ts'
import { memory, noProc } from '../process-usage.ts'

const ROWS = 65_000

// A bar of other pixels in each row, 1.6 kB long.
function row(k: number): string {
  const pixels = Array.from({ length: 784 }, (_, i) =>
    Math.abs((i % 28) - 10 - (k % 8)) < 2 && i > 84 && i < 700 ? 250 : 0,
  )
  return `1,${pixels.join()}\n`
}

testUnless(noProc, '100 MB of rows are answered one by one with at most 192 MB of memory', async () => {
  const words = ['server/inkling.js', 'predict', '--model', 'softmax', '-']
  const child = startProcess(process.execPath, words, { cwd: ROOT })
  const blocks = Array.from({ length: 8 }, (_, k) => row(k)).join('')
  const bytes = (ROWS / 8) * blocks.length
  expect(bytes).toBeGreaterThan(100_000_000)
  let [lines, last, peak] = [0, '', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1
    last = text.trimEnd().split('\n').at(-1) as string
  })
  const ended = once(child, 'close')
  for (let k = 0; k < ROWS / 8; k++) {
    if (!child.stdin.write(blocks)) await once(child.stdin, 'drain')
    if (k % 100 === 99) peak = Math.max(peak, memory(child.pid as number).peak)
  }
  child.stdin.end()
  await ended
  expect([lines, last.startsWith('right: ')]).toEqual([ROWS + 1, true])
  expect(peak).toBeLessThan(192e6)
})
