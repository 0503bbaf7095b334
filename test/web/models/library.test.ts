import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Card } from '../../../core/models/card.ts'
import type { ModelSummary } from '../../../core/protocol.ts'
import { LARGE_FILE, Library } from '../../../web/models/library.ts'
import { testModel } from '../../server/models/test-model.ts'

/** A phone with these models; the library of a page that asks it, and what it fetched. */
function setUp(models: readonly Partial<ModelSummary>[], chosen?: string, open: () => Promise<void> = async () => {}) {
  const phone = {
    models: models.map((model) => ({ bytes: 100, version: 1, sha256: sha(model.id), ...model })),
    asked: [] as string[],
  }
  vi.stubGlobal('fetch', async (path: string) => {
    phone.asked.push(path)
    const [, , , id, weights] = path.split(/[/?]/)
    if (id === undefined) return Response.json({ models: phone.models, broken: [] })
    if (weights) return new Response(new Uint8Array(100))
    const { version, sha256 } = phone.models.find((model) => model.id === id) ?? {}
    const { card } = testModel(id)
    return Response.json({ ...card, version, weights: { ...card.weights, sha256 } })
  })
  const library = new Library(chosen, open, () => {})
  const fetched = () => phone.asked.filter((path) => path.includes('/weights'))
  return { phone, library, fetched }
}

const sha = (id = '', digit = '0') => (id.length.toString(16) + digit).padStart(64, '0')
const settled = () => vi.advanceTimersByTimeAsync(0)

describe('the models of the phone, as a page has them', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  test('the default is fetched unless another one was chosen, and nothing else', async () => {
    const models = [{ id: 'a' }, { id: 'bb', default: true }, { id: 'ccc' }]
    for (const [chosen, expected] of [
      [undefined, 'bb'],
      ['ccc', 'ccc'],
      ['gone', 'bb'],
    ] as const) {
      const { library, fetched } = setUp(models, chosen)
      await library.refresh()
      await settled()
      expect([library.chosen, library.readiness.kind]).toEqual([expected, 'ready'])
      expect(fetched()).toEqual([`api/v1/models/${expected}/weights?sha256=${sha(expected)}`])
    }
  })

  test('a file above 2 MB is offered with its size, and fetched on request', async () => {
    const { library, fetched } = setUp([{ id: 'a', bytes: LARGE_FILE + 1 }])
    await library.refresh()
    await settled()
    expect(library.readiness).toEqual({ kind: 'offered', bytes: LARGE_FILE + 1 })
    expect(fetched()).toEqual([])
    library.fetch()
    await settled()
    expect(library.readiness.kind).toBe('ready')
  })

  test('a fetched model stays: choosing it again fetches nothing', async () => {
    const { library, fetched } = setUp([{ id: 'a' }, { id: 'bb' }])
    await library.refresh()
    await settled()
    for (const id of ['bb', 'a', 'bb']) {
      library.choose(id)
      await settled()
      expect(library.readiness.kind).toBe('ready')
    }
    expect(fetched()).toHaveLength(2)
  })

  test('a model whose weights have changed on the phone is fetched again after the list', async () => {
    const { phone, library, fetched } = setUp([{ id: 'a' }])
    await library.refresh()
    await settled()
    phone.models = [{ bytes: 100, id: 'a', version: 2, sha256: sha('a', '1') }]
    await library.refresh()
    await settled()
    expect(library.readiness).toMatchObject({ kind: 'ready', card: { version: 2 } satisfies Partial<Card> })
    expect(fetched()).toHaveLength(2)
    await library.refresh()
    await settled()
    expect(fetched()).toHaveLength(2)
  })

  test('a model that this browser can’t run fails with the reason, and is tried again when chosen again', async () => {
    const open = vi.fn().mockRejectedValueOnce(new Error('it is of a kind unknown here')).mockResolvedValue(undefined)
    const { library } = setUp([{ id: 'a' }], undefined, open)
    await library.refresh()
    await settled()
    expect(library.readiness).toEqual({ kind: 'failed', reason: 'it is of a kind unknown here' })
    library.choose('a')
    await settled()
    expect(library.readiness.kind).toBe('ready')
  })
})
