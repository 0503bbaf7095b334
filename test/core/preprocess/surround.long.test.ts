/** Real digits in every kind of surroundings, read by the shipped cnn. */

import { beforeAll, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import type { PenDrawing } from '../../../server/dataset/strokes.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { SURROUNDINGS, surrounded } from './surroundings.ts'

const PICTURES = 120

/** A picture is wrong with confidence from this probability on. */
const SURE = 0.9

/** Kinds whose paper has no straight upright sides; of them three may be wrong with confidence, of others one. */
const CROOKED = ['desk', 'drawn box']

describeUnless(noData, 'on pendigits-train', () => {
  let drawings: PenDrawing[]
  let recognizer: Recognizer

  beforeAll(async () => {
    drawings = penStrokes('pendigits-train')
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))
  })

  it.each(
    Object.keys(SURROUNDINGS),
  )(`of ${PICTURES} pictures of the kind %s at least 110 are right, and hardly any is wrong at ${SURE} or more`, (kind) => {
    let right = 0
    let sure = 0
    for (let k = 0; k < PICTURES; k++) {
      const { label, strokes } = drawings[(k * 37 + 11) % drawings.length]
      try {
        const { digit, confidence } = recognizer.recognize(preprocess(surrounded(strokes, kind, 1, k)))
        if (digit === label) right++
        else if (confidence >= SURE) sure++
      } catch (error) {
        if (!(error instanceof InputError)) throw error
      }
    }
    expect(right).toBeGreaterThanOrEqual(110)
    expect(sure).toBeLessThanOrEqual(CROOKED.includes(kind) ? 3 : 1)
  })
})
