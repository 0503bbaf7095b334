/** GET /api/v1/models: which models there are, their cards, and their weights to take along. */

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { InputError } from '../../core/errors.ts'
import type { ModelSummary, ModelsResponse } from '../../core/protocol.ts'
import type { Client, Deps, ServedModel } from '../app.ts'

export function modelRoutes({ models, recognizer }: Deps): Hono<{ Bindings: Client }> {
  const summary = ({ card }: ServedModel): ModelSummary => ({
    id: card.id,
    name: card.name,
    kind: card.kind,
    parameters: card.parameters,
    accuracy: card.test.accuracy,
    version: card.version,
    sha256: card.weights.sha256,
    default: card.id === recognizer.defaultModel,
  })

  const find = (id: string): ServedModel => {
    const model = models.find(({ card }) => card.id === id)
    if (model) return model
    throw new InputError(404, 'unknown_model', 'no model of that name is loaded; GET /api/v1/models lists them')
  }

  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/models', (c) => c.json({ models: models.map(summary) } satisfies ModelsResponse))
    .get('/api/v1/models/:model', (c) => c.json(find(c.req.param('model')).card))
    .get('/api/v1/models/:model/weights', etag(), (c) => {
      const { card, bytes } = find(c.req.param('model'))
      const { sha256 } = card.weights
      const wanted = c.req.query('sha256')
      if (wanted !== undefined && wanted !== sha256) {
        throw new InputError(404, 'unknown_weights', 'the weights with that SHA-256 are not served any more')
      }
      // asked for by digest the answer can never be another
      c.header('Cache-Control', wanted === undefined ? 'no-cache' : 'public, max-age=31536000, immutable')
      c.header('ETag', `"${sha256}"`)
      c.header('Content-Disposition', `attachment; filename="${card.id}.safetensors"`)
      return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' })
    })
}
