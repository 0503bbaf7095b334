/** References of all training images, made in the background of a running server. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { haveTraining, knownReferences, REFERENCES_KIND } from '../../../server/references/references.ts'
import { noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { startServer } from '../running-server.ts'

/** For 10 s of work in a process that steps back behind all others, ms. */
const PATIENCE = 900_000

const root = mkdtempSync(join(tmpdir(), 'inkling-references-'))
const shipped = join(SHIPPED_MODELS, 'knn')
afterAll(() => rmSync(root, { recursive: true, force: true }))

describeUnless(noData, 'references of all training images', () => {
  const home = join(root, 'home')
  const made = join(home, 'inkling', 'models', 'knn')
  beforeAll(() => expect(haveTraining(['mnist', 'pendigits'], process.env.INKLING_DATA ?? '')).toBe(true))

  it(
    'are made in the background of a server that is asked for knn, with the bytes of their card, and answer from then on',
    async () => {
      const server = await startServer({ XDG_DATA_HOME: home, INKLING_RATE_LIMIT: 'off' })
      const ask = async () => {
        const strokes = [
          [
            [10, 0],
            [10, 30],
            [10, 60],
          ],
        ]
        const response = await fetch(`${server.url}/api/v1/predict?model=knn`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ strokes }),
        })
        return (await response.json()) as { digit: number }
      }
      const knn = async () => {
        const { models } = (await (await fetch(`${server.url}/api/v1/models`)).json()) as {
          models: { id: string; kind: string; sha256: string }[]
        }
        return models.find(({ id }) => id === 'knn')
      }
      try {
        expect((await knn())?.kind).not.toBe(REFERENCES_KIND)
        expect((await ask()).digit).toBe(1)
        for (let i = 0; i < PATIENCE / 500 && (await knn())?.kind !== REFERENCES_KIND; i++) {
          await sleep(500)
        }
        expect((await knn())?.sha256).toBe(knownReferences(shipped)[0].weights.sha256)
        expect((await ask()).digit).toBe(1)
        expect(loadModel(made).card.kind).toBe(REFERENCES_KIND)
      } finally {
        await server.stop()
      }
    },
    PATIENCE,
  )
})
