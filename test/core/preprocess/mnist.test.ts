/** Preprocessing on real digits: MNIST passes through it as it is, and is recognised as well when pasted on canvases. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { modelsAtHand } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Random } from '../../../core/random.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { pasteOnCanvas } from '../../canvas.ts'
import { dataFile, hasData } from '../../data.ts'
import { penStrokes } from '../../strokes.ts'
import { difference } from './scene.ts'

const CANVASES = 2500

describe.skipIf(!hasData)('on MNIST (needs INKLING_DATA)', () => {
  let images: Uint8Array
  let labels: Uint8Array
  let recognizer: Recognizer

  beforeAll(async () => {
    images = gunzipSync(readFileSync(dataFile('mnist', 't10k-images-idx3-ubyte.gz'))).subarray(16)
    labels = gunzipSync(readFileSync(dataFile('mnist', 't10k-labels-idx1-ubyte.gz'))).subarray(8)
    recognizer = new Recognizer(await nodeBackends(), modelsAtHand([loadModel(`${SHIPPED_MODELS}/softmax`)]))
  })

  const image = (i: number): Uint8Array => new Uint8Array(images.subarray(i * 784, (i + 1) * 784))
  const plain = (data: Uint8Array): Uint8Array => preprocess({ width: 28, height: 28, channels: 1, data })

  it('none of the 10,000 test images is refused, 98 % keep every byte, and the mean change is below 0.02 of 255', () => {
    let same = 0
    let change = 0
    for (let i = 0; i < 10_000; i++) {
      const d = difference(image(i), plain(image(i)))
      if (d === 0) same++
      change += d / 10_000
    }
    expect(same).toBeGreaterThanOrEqual(9800)
    expect(change).toBeLessThan(0.02)
  })

  it('going through it twice is going through it once for 999 of 1,000 images', () => {
    let same = 0
    for (let i = 0; i < 2000; i++) {
      const once = plain(image(i))
      if (difference(once, plain(once)) === 0) same++
    }
    expect(same).toBeGreaterThanOrEqual(1998)
  })

  it(`softmax is within 1.0 point on ${CANVASES} canvases: any place, size, colour, polarity, transparency`, () => {
    const random = new Random(28, 0)
    const order = Uint32Array.from({ length: 10_000 }, (_, i) => i) // the set's halves differ by 4 points
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
    expect(before / CANVASES).toBeGreaterThan(0.915)
    expect((before - after) / CANVASES).toBeLessThanOrEqual(0.01)
  })

  it('softmax reads 76 % of pendigits-test, digits by 14 writers and from another device than any it has seen', () => {
    const drawings = penStrokes('pendigits-test')
    const right = drawings.filter(
      ({ label, strokes }) => recognizer.recognize(preprocess(rasterizeStrokes(strokes))).digit === label,
    )
    expect(right.length / drawings.length).toBeGreaterThan(0.76)
  })
})
