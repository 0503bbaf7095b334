/** Preprocessing of real digits: MNIST hardly changes. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { modelsInMemory } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { difference } from './scene.ts'

describeUnless(noData, 'on MNIST', () => {
  let images: Uint8Array
  let recognizer: Recognizer

  beforeAll(async () => {
    images = gunzipSync(readFileSync(dataFile('mnist', 't10k-images-idx3-ubyte.gz'))).subarray(16)
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/mlp-400-original`)]))
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

  it('a second time it changes nothing in 999 of 1,000 images', () => {
    let same = 0
    for (let i = 0; i < 2000; i++) {
      const once = plain(image(i))
      if (difference(once, plain(once)) === 0) same++
    }
    expect(same).toBeGreaterThanOrEqual(1998)
  })

  it('a network that knows MNIST alone recognises 87 % of pendigits-test, from a device that it was not trained on', () => {
    const drawings = penStrokes('pendigits-test')
    const right = drawings.filter(
      ({ label, strokes }) => recognizer.recognize(preprocess(rasterizeStrokes(strokes))).digit === label,
    )
    expect(right.length / drawings.length).toBeGreaterThan(0.87)
  })
})
