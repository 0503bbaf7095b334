/** GET /api/v1/models: which models there are, their cards, and their weights to take along. */

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { InputError } from '../../../core/errors.ts'
import type { Card } from '../../../core/models/card.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import type { ModelSummary, ModelsResponse } from '../../../core/protocol.ts'
import { loadedMemory } from '../../../core/recognizer.ts'
import { EXPORT_FORMATS, type ExportFormat, exportModel } from '../../models/export.ts'
import type { ModelStore } from '../../models/model-store.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { createSharing } from '../shared-downloads.ts'

/** Parameters whose conversion is as much work as one prediction is reckoned to be: decimals take longer than bytes. */
const DECIMALS_PER_TOKEN = 100_000
const BYTES_PER_TOKEN = 1_000_000

export function modelRoutes({ models, recognizer, defer }: Deps, work: Admission): Hono<{ Bindings: Client }> {
  const share = createSharing()

  const summary = (card: Card): ModelSummary => ({
    id: card.id,
    name: card.name,
    kind: card.kind,
    type: card.type,
    parameters: card.parameters,
    accuracy: card.test.accuracy,
    ...(card.drawings && { drawings: card.drawings.accuracy }),
    bytes: card.weights.bytes,
    memory: loadedMemory(card),
    state: recognizer.isLoaded(card.id) ? 'loaded' : 'available',
    dropout: hasDropout(card),
    version: card.version,
    sha256: card.weights.sha256,
    default: card.id === recognizer.defaultModel,
    ...(card.learned?.gate && {
      learned: { before: card.learned.gate.shipped.accuracy, after: card.learned.gate.candidate.accuracy },
    }),
  })

  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/models', async (c) => {
      models.refresh()
      await models.verify(() => new Promise<void>(defer))
      return c.json({ models: recognizer.cards().map(summary), broken: recognizer.broken() } satisfies ModelsResponse)
    })
    .get('/api/v1/models/:model', (c) => c.json(recognizer.card(c.req.param('model'))))
    .get('/api/v1/models/:model/weights', etag(), async (c) => {
      const wanted = { sha256: c.req.query('sha256'), version: readVersion(c.req.query('version')) }
      const { id, version, parameters, weights } = choose(models, recognizer.card(c.req.param('model')), wanted)
      const { sha256 } = weights
      const format = readFormat(c.req.query('format'))
      // asked for by digest the answer can never be another
      c.header('Cache-Control', wanted.sha256 === undefined ? 'no-cache' : 'public, max-age=31536000, immutable')
      if (format === 'safetensors') {
        c.header('ETag', `"${sha256}"`)
        c.header('Content-Disposition', `attachment; filename="${id}.safetensors"`)
        const bytes = await work.enqueue(() => readable(() => models.file(id, version)))
        return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' })
      }
      const perToken = format === 'csv' ? DECIMALS_PER_TOKEN : BYTES_PER_TOKEN
      work.admit(c.env.address, Math.ceil(parameters / perToken))
      const file = await work.enqueue(() =>
        share(`${sha256} ${format}`, () => {
          const { card, data } = readable(() => models.load(id, version))
          return convert(card, data, format)
        }),
      )
      c.header('ETag', `"${sha256}-${format}"`)
      c.header('Content-Disposition', `attachment; filename="${file.filename}"`)
      return c.body(file.bytes, 200, { 'Content-Type': file.type })
    })
}

interface Wanted {
  readonly sha256: string | undefined
  readonly version: number | undefined
}

// The card of the weights asked for: what is served, or any other version that is kept.
function choose(models: ModelStore, served: Card, { sha256, version }: Wanted): Card {
  if ((version ?? served.version) === served.version && (sha256 ?? served.weights.sha256) === served.weights.sha256) {
    return served
  }
  const kept = models.find?.(served.id, {
    ...(sha256 !== undefined && { sha256 }),
    ...(version !== undefined && { version }),
  })
  if (kept) return kept
  if (version === undefined)
    throw new InputError(404, 'unknown_weights', 'the weights with that SHA-256 are not served any more')
  throw new InputError(404, 'unknown_version', 'the weights of such a version are not kept')
}

function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InputError(422, 'bad_version', 'version must be a whole number from 1')
}

function readFormat(text: string | undefined): ExportFormat {
  const format = text === undefined ? 'safetensors' : EXPORT_FORMATS.find((one) => one === text)
  if (format) return format
  throw new InputError(422, 'bad_format', `format must be one of ${EXPORT_FORMATS.join(', ')}`)
}

function convert(card: Card, data: Uint8Array, format: ExportFormat) {
  try {
    return exportModel(card, data, format)
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(422, 'bad_format', 'this model cannot be had in that format')
    throw error
  }
}

// A store's errors are fit to be shown; from here on they are answers.
function readable<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(503, 'broken_model', 'that model is there but cannot be loaded')
  }
}
