/** Answers to photographs of digits: compression and subsampling of colour change none. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Random } from '../../../core/random.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { pasteOnCanvas } from '../../paste-on-canvas.ts'
import { describeUnless } from '../../skip.ts'
import { decoded } from './decoded.ts'
import { photograph } from './photograph.ts'
import { writeJpeg } from './writer.ts'

/** Paper and ink, RGB. */
const LOOKS = [
  ['yellow on white', [255, 255, 255], [240, 205, 30]],
  ['red on white', [250, 250, 245], [200, 30, 40]],
  ['blue on cream', [250, 248, 235], [30, 40, 170]],
  ['orange on yellow', [250, 240, 150], [240, 120, 20]],
  ['chalk on a blackboard', [30, 60, 45], [230, 235, 230]],
  ['pencil', [240, 240, 238], [130, 130, 132]],
] as const

const DIGITS = 6

/** An opaque drawing of one of MNIST's digits, somewhere on a canvas of 280x280 px. */
function drawing(digit: Uint8Array, paper: readonly number[], ink: readonly number[], seed: number): Raster {
  const random = new Random(3, seed)
  let call = 0
  const { width, height, data } = pasteOnCanvas(digit, () => {
    const value = random.uniform()
    call++
    return call === 4 ? 0.9 : call === 5 ? 0.1 : value // opaque ink on transparency
  })
  const pixels = new Uint8ClampedArray(data.length)
  for (let p = 0; p < data.length; p += 4) {
    const share = data[p + 3] / 255
    for (let c = 0; c < 3; c++) pixels[p + c] = paper[c] + share * (ink[c] - paper[c])
    pixels[p + 3] = 255
  }
  return { width, height, channels: 4, data: pixels }
}

describeUnless(
  noData,
  `the answer of cnn to ${DIGITS} digits as JPEG of quality 30 to 95 is the one to the same pixels`,
  () => {
    let images: Uint8Array
    let recognizer: Recognizer

    beforeAll(async () => {
      images = gunzipSync(readFileSync(dataFile('mnist', 't10k-images-idx3-ubyte.gz'))).subarray(16)
      recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))
    })

    const answer = (raster: Raster) => recognizer.recognize(preprocess(raster), 'cnn').digit

    test.each(LOOKS)('%s', (_, paper, ink) => {
      for (let i = 0; i < DIGITS; i++) {
        const raster = drawing(images.subarray(784 * i, 784 * (i + 1)), paper, ink, i)
        const digit = answer(raster)
        for (const quality of [30, 60, 95]) {
          const file = writeJpeg(photograph(raster, quality, quality !== 60))
          expect(answer(decoded(file)), `digit ${i}, quality ${quality}`).toBe(digit)
        }
      }
    })
  },
)
