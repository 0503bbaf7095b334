/** Photographs and scans of real pen drawings: how many of each kind are read. */

import { expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { noData } from '../../data-sets.ts'
import { LIT_KINDS, litPicture } from '../../lit-pictures.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'

const PICTURES = 100

describeUnless(noData, `of ${PICTURES} pictures of drawings of pendigits-train`, () => {
  it.each(LIT_KINDS)('at least 95 are read, and at most 1 is wrong at over 90 %%: %s', async (kind) => {
    const recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))
    const drawings = penStrokes('pendigits-train')
    const step = Math.floor(drawings.length / PICTURES)
    let right = 0
    let sure = 0
    let refused = 0
    for (let i = 0; i < PICTURES; i++) {
      const { label, strokes } = drawings[i * step]
      try {
        const answer = recognizer.recognize(preprocess(litPicture(kind, strokes, 15, i)))
        if (answer.digit === label) right++
        else if (answer.confidence > 0.9) sure++
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        refused++
      }
    }
    console.log(`${kind}: ${right} right, ${sure} wrong at over 90 %, ${refused} refused, of ${PICTURES}`)
    expect(right).toBeGreaterThanOrEqual(95)
    expect(sure).toBeLessThanOrEqual(1)
  })
})
