/** Scans and screenshots are read right by the model that answers by default; photographs are in large.slow.test.ts. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { decodeAtOnce, PICTURE_LIMIT } from '../../../core/picture.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { scan, screenshot } from './large-pictures.ts'

const fixture = readFileSync(new URL('../../fixtures/strokes.json', import.meta.url), 'utf8')
const STROKES = JSON.parse(fixture) as Record<string, Strokes>

const models = new ModelFolder(SHIPPED_MODELS, () => performance.now(), console.error)
const recognizer = new Recognizer(await nodeBackends(), models, { preferred: ['cnn'] })

interface Case {
  readonly what: string
  readonly digit: number
  readonly make: (strokes: Strokes) => Uint8Array
}

it.each<Case>([
  {
    what: 'a scan, 1.5 cm high in a thin pen,',
    digit: 3,
    make: (strokes) => scan({ strokes, left: 1000, top: 800, side: 260, pen: 4 }, 8, 1),
  },
  {
    what: 'a scan in 1 bit, 3 cm high,',
    digit: 7,
    make: (strokes) => scan({ strokes, left: 300, top: 2300, side: 500, pen: 6 }, 1, 2),
  },
  {
    what: 'a screenshot',
    digit: 5,
    make: (strokes) => screenshot({ strokes, left: 1000, top: 300, side: 1200, pen: 24 }),
  },
  {
    what: 'a screenshot in a thin line',
    digit: 0,
    make: (strokes) => screenshot({ strokes, left: 1000, top: 300, side: 1200, pen: 4 }),
  },
])('$what of digit $digit is read as that, with more than 90 %', ({ digit, make }) => {
  const picture = make(STROKES[digit])
  expect(picture.length).toBeLessThan(PICTURE_LIMIT)
  const { sampling } = recognizer.recognizeDrawing(() => decodeAtOnce(picture, inflate), { model: 'cnn' })
  const result = sampling.result()
  expect(result.digit).toBe(digit)
  expect(result.confidence).toBeGreaterThan(0.9)
})
