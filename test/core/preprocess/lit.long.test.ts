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

/** Least number of pictures read, and most that are wrong at over 90 %. Dots at random places hide strokes more than ordered ones. */
const BOUNDS = { 'noise dither': [80, 5], 'chalk, shadow': [97, 2] } as Readonly<
  Partial<Record<(typeof LIT_KINDS)[number], readonly [number, number]>>
>
const USUAL = [95, 1] as const

describeUnless(noData, `of ${PICTURES} pictures of drawings of pendigits-train`, () => {
  it.each(LIT_KINDS)('enough are read, and hardly any is wrong with confidence: %s', async (kind) => {
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
        else if (answer.verdict === 'digit' && answer.confidence > 0.9) sure++
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        refused++
      }
    }
    console.log(`${kind}: ${right} right, ${sure} wrong at over 90 %, ${refused} refused, of ${PICTURES}`)
    const [least, most] = BOUNDS[kind] ?? USUAL
    expect(right).toBeGreaterThanOrEqual(least)
    expect(sure).toBeLessThanOrEqual(most)
  })
})
