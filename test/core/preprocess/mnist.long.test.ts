/** Preprocessing on real digits that are pasted on canvases: they are recognised as well as before. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
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

const CANVASES = 2500

describeUnless(noData, 'on MNIST', () => {
  let images: Uint8Array
  let labels: Uint8Array
  let recognizer: Recognizer

  beforeAll(async () => {
    images = gunzipSync(readFileSync(dataFile('mnist', 't10k-images-idx3-ubyte.gz'))).subarray(16)
    labels = gunzipSync(readFileSync(dataFile('mnist', 't10k-labels-idx1-ubyte.gz'))).subarray(8)
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))
  })

  const image = (i: number): Uint8Array => new Uint8Array(images.subarray(i * 784, (i + 1) * 784))
  const plain = (data: Uint8Array): Uint8Array => preprocess({ width: 28, height: 28, channels: 1, data })

  it(`cnn is within 0.3 points on ${CANVASES} canvases: any place, size, colour, polarity, transparency`, () => {
    const random = new Random(28, 0)
    const order = Uint32Array.from({ length: 10_000 }, (_, i) => i)
    random.shuffle(order)
    let before = 0
    let after = 0
    for (const i of order.subarray(0, CANVASES)) {
      if (recognizer.recognize(plain(image(i))).digit === labels[i]) before++
      try {
        const canvas = pasteOnCanvas(image(i), () => random.uniform())
        if (recognizer.recognize(preprocess(canvas)).digit === labels[i]) after++
      } catch (error) {
        if (!(error instanceof InputError)) throw error // a refused canvas is a wrong answer
      }
    }
    expect(before / CANVASES).toBeGreaterThan(0.99)
    expect((before - after) / CANVASES).toBeLessThanOrEqual(0.003)
  })
})
