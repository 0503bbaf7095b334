/** `inkling read` of pictures, of strokes, and of what holds no number. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { expect, it } from 'vitest'
import { pictureOfStrokes, strokesOf } from '../../core/numbers/drawn.ts'
import { run } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-read-'))

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function png(text: string): Uint8Array {
  const { width, height, data } = pictureOfStrokes(strokesOf(text))
  const image = new PNG({ width, height })
  for (let p = 0; p < width * height; p++) image.data.fill(data[p], 4 * p, 4 * p + 3).fill(255, 4 * p + 3, 4 * p + 4)
  return PNG.sync.write(image)
}

const picture = file('47.png', png('47'))
const strokes = file('51.json', JSON.stringify({ strokes: strokesOf('51') }))
const other = file('other.json', '{"image":""}')

it('prints a number a file with its least probability, and says which file could not be read', async () => {
  const { code, stdout, stderr } = await run(['read', '--model', 'cnn-small', picture, strokes, other])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^47 {2}[\d.]+ % {2}\S*47\.png\n51 {2}[\d.]+ % {2}\S*51\.json\n$/)
  expect(stderr).toMatch(/other\.json.*expected an object with one of image, pixels, strokes/)
})

it('prints text, boxes and probabilities as JSON', async () => {
  const { code, stdout } = await run(['read', '--model', 'cnn-small', '--json', strokes])
  const { text, model, digits } = JSON.parse(stdout)
  expect([code, text, model]).toEqual([0, '51', 'cnn-small'])
  expect(digits[1]).toMatchObject({ digit: 1, line: 0, box: { left: 98, top: 0 } })
  expect(digits[1].probabilities).toHaveLength(10)
})
