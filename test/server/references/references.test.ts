import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import type { NeighboursCard } from '../../../core/models/card.ts'
import { FEATURES } from '../../../core/models/neighbours.ts'
import { encodeTensors } from '../../../core/models/safetensors.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { readCard } from '../../../server/models/load.ts'
import { saveModel } from '../../../server/models/save.ts'
import { describeImages } from '../../../server/references/make.ts'
import {
  haveTraining,
  isReferenceModel,
  knownReferences,
  REFERENCES_KIND,
  referencesRoot,
} from '../../../server/references/references.ts'
import { noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { startServer } from '../running-server.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-references-'))
const shipped = join(SHIPPED_MODELS, 'knn')
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder of models with knn in it, of that many references of random strokes. */
function models(name: string, kind: string, references = 20): string {
  const folder = join(root, name)
  const card = readCard(shipped) as NeighboursCard
  const data = Uint8Array.from({ length: references * (FEATURES + 1) }, (_, i) =>
    i < references * FEATURES ? (i * 2_654_435_761) >>> 24 : i % 10,
  )
  const weights = encodeTensors(
    [
      { name: 'references', dtype: 'U8', shape: [references, FEATURES], length: references * FEATURES },
      { name: 'labels', dtype: 'U8', shape: [references], length: references },
    ],
    data,
  )
  const changed = {
    ...card,
    kind,
    weights: { ...card.weights, bytes: weights.length, sha256: sha256(weights) },
    neighbours: { ...card.neighbours, k: 3, references },
  }
  saveModel(join(folder, 'knn'), { 'card.json': JSON.stringify(changed), 'weights.safetensors': weights })
  return folder
}

describe('a model that replaces a shipped one', () => {
  const warnings: string[] = []
  const accept = (card: Parameters<typeof isReferenceModel>[0]) => isReferenceModel(card, 1_000_000)
  let now = 0
  const zoo = (first: string, second: string) =>
    new ModelFolder(
      first,
      () => now,
      (text) => warnings.push(text),
      { root: second, accept },
    )
  const kind = (one: ModelFolder) => one.list().map((card) => card.kind)

  it('appears when it is made, and gives way to the shipped one when it goes', () => {
    const [first, second] = [models('a', 'prototypes'), join(root, 'a-later')]
    const one = zoo(first, second)
    expect(kind(one)).toEqual(['prototypes'])
    models('a-later', REFERENCES_KIND, 30)
    now += 2000
    one.refresh()
    expect(kind(one)).toEqual([REFERENCES_KIND])
    expect(one.load('knn').data).toHaveLength(30 * 201)
    const [card] = one.list()
    now += 2000
    one.refresh()
    expect(one.list()[0]).toBe(card)
    rmSync(second, { recursive: true })
    now += 2000
    one.refresh()
    expect(kind(one)).toEqual(['prototypes'])
    expect(one.load('knn').data).toHaveLength(20 * 201)
    expect(warnings).toEqual([])
  })

  it('is not taken when it needs more memory than models may have, or is of another kind', () => {
    const first = models('b', 'prototypes')
    expect(kind(zoo(first, models('b-large', REFERENCES_KIND, 6000)))).toEqual(['prototypes'])
    expect(kind(zoo(first, models('b-other', 'something')))).toEqual(['prototypes'])
  })

  it('is passed over, with a warning, when its weights turn out damaged: the shipped one answers', () => {
    const [first, second] = [models('c', 'prototypes'), models('c-bad', REFERENCES_KIND)]
    const path = join(second, 'knn', 'weights.safetensors')
    const bytes = readFileSync(path)
    bytes[bytes.length - 300] ^= 1
    writeFileSync(path, bytes)
    const one = zoo(first, second)
    expect(kind(one)).toEqual([REFERENCES_KIND])
    expect(one.load('knn').card.kind).toBe('prototypes')
    expect(one.broken()).toEqual([])
    now += 2000
    one.refresh()
    expect(kind(one)).toEqual(['prototypes'])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('SHA-256')
  })
})

describe('references', () => {
  it('are described in order, without the images that preprocessing refused', () => {
    const images = new Uint8Array(3 * 784).fill(0)
    images.fill(255, 300, 330)
    images.fill(255, 784, 1568)
    images.fill(255, 2 * 784 + 100, 2 * 784 + 400)
    const set = { images, labels: Uint8Array.of(4, 5, 6), count: 3, refused: [1] }
    const bytes = describeImages(typescriptBackend(8192), set)
    expect([...bytes.subarray(400)]).toEqual([4, 6])
    const alone = describeImages(typescriptBackend(8192), {
      images: images.subarray(1568),
      labels: set.labels.subarray(2),
      count: 1,
    })
    expect(bytes.subarray(200, 400)).toEqual(alone.subarray(0, 200))
  })

  it('lie with the user, wherever the data sets are', () => {
    expect(referencesRoot({ INKLING_DATA: '/d', XDG_DATA_HOME: '/x' })).toBe(join('/x', 'inkling', 'models'))
  })

  it('are known by cards of the shipped model, none of which needs more than 16 MiB', () => {
    const known = knownReferences(shipped)
    expect(known.length).toBeGreaterThan(0)
    for (const card of known) expect(isReferenceModel(card, 16 * 1_048_576)).toBe(true)
    expect(knownReferences(root)).toEqual([])
  })

  it('cannot be made where a set is missing', () => {
    expect(haveTraining(['mnist'], root)).toBe(false)
    expect(haveTraining(['pendigits'], join(root, 'nothing'))).toBe(false)
  })
})

describeUnless(noData, 'references of all training images', () => {
  beforeAll(() => expect(haveTraining(['mnist', 'pendigits'], process.env.INKLING_DATA ?? '')).toBe(true))

  it('are not made for a server that may not hold them', async () => {
    const elsewhere = join(root, 'small')
    const server = await startServer({ XDG_DATA_HOME: elsewhere, INKLING_MODEL_MEMORY: '8' })
    const response = await fetch(`${server.url}/api/v1/predict?model=knn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        strokes: [
          [
            [1, 0],
            [1, 9],
          ],
        ],
      }),
    })
    expect(response.status).toBe(200)
    await server.stop()
    expect(existsSync(elsewhere)).toBe(false)
    expect(server.output()).not.toContain('knn')
  })
})
