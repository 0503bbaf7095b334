/** GET /api/v1/models: which models there are, their cards, and their weights as files. */

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { InputError } from '../../../core/errors.ts'
import type { Card } from '../../../core/models/card.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import type { ModelSummary, ModelsResponse } from '../../../core/protocol.ts'
import { brokenModel, loadedMemory } from '../../../core/recognizer.ts'
import {
  EXPORT_FORMATS,
  type ExportedFile,
  type ExportFormat,
  exportedWeights,
  exportModel,
} from '../../models/export.ts'
import type { ModelStore } from '../../models/model-store.ts'
import { answerJson } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { answerFile, createSharing } from '../downloads.ts'

/** Parameters whose conversion counts as one prediction: decimals take longer than bytes. */
const DECIMALS_PER_TOKEN = 100_000
const BYTES_PER_TOKEN = 1_000_000

export function modelRoutes({ models, recognizer, defer }: Deps, admission: Admission): Hono<{ Bindings: Client }> {
  const share = createSharing()

  const summary = (card: Card, preferred: string | undefined): ModelSummary => ({
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
    default: card.id === preferred,
    ...(card.learned?.gate && {
      learned: { before: card.learned.gate.shipped.accuracy, after: card.learned.gate.candidate.accuracy },
    }),
  })

  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/models', async () => {
      const pause = () => new Promise<void>(defer)
      await models.rescan(pause)
      await models.verify(pause)
      const cards = recognizer.cards()
      const preferred = cards.length > 0 ? recognizer.defaultModel : undefined
      const summaries = cards.map((card) => summary(card, preferred))
      const response: ModelsResponse = { models: summaries, broken: recognizer.broken() }
      return answerJson(response)
    })
    .get('/api/v1/models/:model', (c) => answerJson(recognizer.card(c.req.param('model'))))
    .get('/api/v1/models/:model/weights', etag(), async (c) => {
      const wanted = { sha256: c.req.query('sha256'), version: readVersion(c.req.query('version')) }
      const { id, version, parameters, weights } = choose(models, recognizer.card(c.req.param('model')), wanted)
      const { sha256 } = weights
      const format = readFormat(c.req.query('format'))
      if (format !== 'safetensors') {
        const perToken = format === 'csv' ? DECIMALS_PER_TOKEN : BYTES_PER_TOKEN
        admission.admit(c.env.address, Math.ceil(parameters / perToken))
      }
      const file = await admission.enqueue(c.env.address, () =>
        share(`${id} ${sha256} ${format}`, () => fileOf(models, id, version, format)),
      )
      const tag = format === 'safetensors' ? sha256 : `${sha256}-${format}`
      return answerFile({ ...file, tag, immutable: wanted.sha256 !== undefined }) // the digest names these bytes only
    })
}

interface Wanted {
  readonly sha256: string | undefined
  readonly version: number | undefined
}

// The card of the weights that are wanted: of the served version, or of another that is kept.
function choose(models: ModelStore, served: Card, { sha256, version }: Wanted): Card {
  if ((version ?? served.version) === served.version && (sha256 ?? served.weights.sha256) === served.weights.sha256) {
    return served
  }
  const card = models.find?.(served.id, {
    ...(sha256 !== undefined && { sha256 }),
    ...(version !== undefined && { version }),
  })
  if (card) return card
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

function fileOf(models: ModelStore, id: string, version: number, format: ExportFormat): ExportedFile {
  if (format === 'safetensors')
    return exportedWeights(
      id,
      readable(() => models.file(id, version)),
    )
  const { card, data } = readable(() => models.load(id, version))
  try {
    return exportModel(card, data, format)
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(422, 'bad_format', 'this model cannot be had in that format')
    throw error
  }
}

// Errors of the store become answers.
function readable<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof InputError) throw error
    throw brokenModel()
  }
}
