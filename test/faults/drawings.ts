/** Labelled drawings for servers: any number of generated digits on a canvas, without a data set. */

import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import type { Strokes } from '../../core/protocol.ts'
import { Random } from '../../core/random.ts'
import { loadReplayGenerator } from '../../server/learning/replay-generator.ts'
import { pasteOnCanvas } from '../paste-on-canvas.ts'

/** Number of the first image, beyond those that rounds draw. */
const FIRST = 3_000_000

export interface Drawing {
  readonly label: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
  readonly png: Buffer
}

let generator: ReturnType<typeof loadReplayGenerator> | undefined

/** A digit of the generator, 28x28; the same number gives the same digit. */
function digit(number: number) {
  generator ??= loadReplayGenerator()
  const image = new Uint8Array(784)
  const label = generator.draw(image, FIRST + number) as Drawing['label']
  return { image, label }
}

/** A small drawing, about 1 KB: 56x56, dark on white. */
export function smallDrawing(number: number): Drawing {
  const { image, label } = digit(number)
  const picture = new PNG({ width: 56, height: 56 })
  for (let p = 0; p < 56 * 56; p++) {
    const level = 255 - image[((p / 112) | 0) * 28 + ((p % 56) >> 1)]
    picture.data.set([level, level, level, 255], 4 * p)
  }
  return { label, png: PNG.sync.write(picture) }
}

/** A drawing as the page sends it: 280x280, any position, size and colour. */
export function largeDrawing(number: number): Drawing {
  const { image, label } = digit(number)
  const random = new Random(number, 9)
  const { width, height, data } = pasteOnCanvas(image, () => random.below(1 << 24) / (1 << 24))
  const picture = new PNG({ width, height })
  picture.data.set(data)
  return { label, png: PNG.sync.write(picture) }
}

/** Bodies of JSON predictions: one pen drawing of each digit. */
export const STROKES: readonly { readonly strokes: Strokes }[] = Object.values(
  JSON.parse(readFileSync(new URL('../fixtures/strokes.json', import.meta.url), 'utf8')) as Record<string, Strokes>,
).map((strokes) => ({ strokes }))

/** The same sequence of numbers from 0 to 1 each time, for the moments of kills. */
export function createChance(seed: number): () => number {
  const random = new Random(seed, 11)
  return () => random.below(1 << 24) / (1 << 24)
}
