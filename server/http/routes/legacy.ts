/**
 * The endpoints of three older programs, with the answers that those gave, so that their pages work with this server:
 * GET /list and POST /process of a zoo of models, POST /predict/ of a convolutional network, POST /predict of a small one.
 */

import { type Context, Hono } from 'hono'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import { answer, answerJson, answerNothing } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { DATA_URL_LIMIT } from '../drawing.ts'
import { FORM_LIMIT, PIXEL_OBJECT_LIMIT, readDataUrlBody, readGrid, readPixelObject } from '../legacy-drawing.ts'
import { demandJson, readBody } from '../limits/body.ts'
import { OPEN_PATHS } from '../limits/origin.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'

/** Passes that the zoo's models with Monte Carlo dropout averaged. */
const SAMPLES = 100

/** The zoo's models, in its order: its id and name of each, and the model here that answers. */
const ZOO: readonly { id: string; name?: string; model: string; samples?: number }[] = [
  { id: 'ann', name: 'ANN', model: 'mlp-300-100' },
  { id: 'ann_bn', name: 'ANN with BN', model: 'mlp-300-100-bn' },
  { id: 'ann_mcd', name: 'ANN with MC dropout', model: 'mlp-300-100', samples: SAMPLES },
  { id: 'cnn', name: 'CNN', model: 'cnn' },
  { id: 'cnn_mcd', name: 'CNN with MC dropout', model: 'cnn', samples: SAMPLES },
  { id: 'rf', name: 'random forests', model: 'forest' },
  { id: 'knn', model: 'knn' }, // of an older edition: not in the list
]

/** The Content-Type that Flask and Django give to any text. */
const TEXT = { 'Content-Type': 'text/html; charset=utf-8' }

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'content-type, x-csrftoken, x-requested-with',
  'Access-Control-Max-Age': '86400',
}

export function legacyRoutes(
  { recognizer, models, inflate, now, defer }: Deps,
  admission: Admission,
): Hono<{ Bindings: Client }> {
  /** The digit in a drawing, by the model named or the default one. */
  async function digitOf(
    address: string,
    read: () => Raster,
    model?: string,
    samples?: number,
    clientLeft = () => false,
  ): Promise<number> {
    const { sampling } = await admission.enqueue(address, () => recognizer.recognizeDrawing(read, { model, samples }))
    const { recognition } = await sampleInTurns(sampling, admission, address, clientLeft, now)
    admission.answered()
    return recognition.digit
  }

  const app = new Hono<{ Bindings: Client }>()

  // The zoo's page is on another server than its models, so any page may ask. There is no cookie or login to abuse.
  for (const path of OPEN_PATHS) {
    app.use(path, async (c, next) => {
      await next()
      c.res.headers.set('Access-Control-Allow-Origin', '*')
      if (!c.error) c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
    })
    app.options(path, () => answerNothing(PREFLIGHT))
  }

  app.get('/list', async () => {
    await models.rescan(() => new Promise<void>(defer))
    const ids = recognizer.cards().map(({ id }) => id)
    const listed = ZOO.filter(({ name, model }) => name !== undefined && ids.includes(model))
    return answerJson(Object.fromEntries(listed.map(({ id, name }) => [id, name])))
  })

  app.post('/process', async (c) => {
    admission.admit(c.env.address)
    const form = await readForm(c)
    const named = ZOO.find(({ id }) => id === form?.get('model'))
    const card = named && recognizer.cards().find(({ id }) => id === named.model)
    if (!named || !card) return answer('invalid model', TEXT, 400)
    const grid = readGrid(form?.get('digit'))
    if (!grid) return answer('invalid number', TEXT, 400)
    const samples = hasDropout(card) ? named.samples : undefined
    if (samples !== undefined) admission.admit(c.env.address, samples / SAMPLES_PER_TOKEN)
    const { signal } = c.req.raw
    const clientLeft = () => signal.aborted
    try {
      return answer(String(await digitOf(c.env.address, () => grid, card.id, samples, clientLeft)), TEXT)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      // a grid that is blank or a blot; then a model whose weights turn out to be broken
      if (error.status === 422) return answer('invalid number', TEXT, 400)
      if (error.code === 'broken_model') return answer('invalid model', TEXT, 400)
      throw error
    }
  })

  app.on(['GET', 'POST'], '/predict/', async (c) => {
    admission.admit(c.env.address)
    const body = await readBody(c.req.raw, DATA_URL_LIMIT)
    return answer(`[${await digitOf(c.env.address, () => readDataUrlBody(body, inflate))}]`, TEXT)
  })

  app.post('/predict', async (c) => {
    admission.admit(c.env.address)
    demandJson(c.req.raw)
    const body = await readBody(c.req.raw, PIXEL_OBJECT_LIMIT)
    return answer(String(await digitOf(c.env.address, () => readPixelObject(body))), TEXT)
  })

  return app
}

// The fields of a form in either encoding; undefined for anything else. Its size is bounded before it is parsed.
async function readForm(c: Context<{ Bindings: Client }>): Promise<FormData | undefined> {
  const body = await readBody(c.req.raw, FORM_LIMIT)
  const headers = { 'content-type': c.req.header('content-type') ?? '' }
  return new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => undefined)
}
