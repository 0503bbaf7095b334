/**
 * The endpoints of three older programs, answering as they did, so that their pages work with this server behind them:
 * GET /list and POST /process of a zoo of models, POST /predict/ of a convolutional network, POST /predict of a small one.
 */

import { type Context, Hono } from 'hono'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { DATA_URL_LIMIT } from '../drawing.ts'
import { FORM_LIMIT, PIXEL_OBJECT_LIMIT, readDataUrlBody, readGrid, readPixelObject } from '../legacy-drawing.ts'
import { demandJson, readBody } from '../limits/body.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'

/** Passes that the zoo's models with Monte Carlo dropout averaged. */
const SAMPLES = 100

/** The zoo's models, in its order: the id and name it knows them by, and which of ours answers. */
const ZOO: readonly { id: string; name?: string; model: string; samples?: number }[] = [
  { id: 'ann', name: 'ANN', model: 'mlp-300-100' },
  { id: 'ann_bn', name: 'ANN with BN', model: 'mlp-300-100-bn' },
  { id: 'ann_mcd', name: 'ANN with MC dropout', model: 'mlp-300-100', samples: SAMPLES },
  { id: 'cnn', name: 'CNN', model: 'cnn' },
  { id: 'cnn_mcd', name: 'CNN with MC dropout', model: 'cnn', samples: SAMPLES },
  { id: 'rf', name: 'random forests', model: 'forest' },
  { id: 'knn', model: 'knn' }, // of an older edition; the list does not name it any more
]

/** What Flask and Django call any text. */
const TEXT = { 'Content-Type': 'text/html; charset=utf-8' }

export function legacyRoutes({ recognizer, models, inflate, now }: Deps, work: Admission): Hono<{ Bindings: Client }> {
  /** The digit in a drawing, by the model named or the default one. */
  async function digitOf(read: () => Raster, model?: string, samples?: number, gone = () => false): Promise<number> {
    const begun = await work.enqueue(() => {
      const input = preprocess(read())
      return samples === undefined ? recognizer.recognize(input, model) : recognizer.sampling(input, samples, model)
    })
    const { digit } = 'left' in begun ? (await sampleInTurns(begun, work, gone, now)).answer : begun
    work.answered()
    return digit
  }

  const app = new Hono<{ Bindings: Client }>()

  // Its page lives on another server than its models: any page may ask. There is no cookie or login to abuse.
  for (const path of ['/list', '/process']) {
    app.use(path, (c, next) => {
      c.header('Access-Control-Allow-Origin', '*')
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
      return next()
    })
    app.options(path, (c) => {
      c.header('Access-Control-Allow-Methods', 'GET, POST')
      c.header('Access-Control-Allow-Headers', 'content-type, x-csrftoken, x-requested-with')
      c.header('Access-Control-Max-Age', '86400')
      return c.body(null, 204)
    })
  }

  app.get('/list', (c) => {
    models.refresh()
    const there = recognizer.cards().map(({ id }) => id)
    const listed = ZOO.filter(({ name, model }) => name !== undefined && there.includes(model))
    return c.json(Object.fromEntries(listed.map(({ id, name }) => [id, name])))
  })

  app.post('/process', async (c) => {
    work.admit(c.env.address)
    const form = await readForm(c)
    const named = ZOO.find(({ id }) => id === form?.get('model'))
    const card = named && recognizer.cards().find(({ id }) => id === named.model)
    if (!named || !card) return c.body('invalid model', 400, TEXT)
    const grid = readGrid(form?.get('digit'))
    if (!grid) return c.body('invalid number', 400, TEXT)
    const samples = hasDropout(card) ? named.samples : undefined
    if (samples !== undefined) work.admit(c.env.address, samples / SAMPLES_PER_TOKEN)
    const { signal } = c.req.raw
    try {
      return c.body(
        String(
          await digitOf(
            () => grid,
            card.id,
            samples,
            () => signal.aborted,
          ),
        ),
        200,
        TEXT,
      )
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      // a grid that is a blank or a blot; and a model whose weights turn out to be broken
      if (error.status === 422) return c.body('invalid number', 400, TEXT)
      if (error.code === 'broken_model') return c.body('invalid model', 400, TEXT)
      throw error
    }
  })

  app.on(['GET', 'POST'], '/predict/', async (c) => {
    work.admit(c.env.address)
    const body = await readBody(c.req.raw, DATA_URL_LIMIT)
    return c.body(`[${await digitOf(() => readDataUrlBody(body, inflate))}]`, 200, TEXT)
  })

  app.post('/predict', async (c) => {
    work.admit(c.env.address)
    demandJson(c.req.raw)
    const body = await readBody(c.req.raw, PIXEL_OBJECT_LIMIT)
    return c.body(String(await digitOf(() => readPixelObject(body))), 200, TEXT)
  })

  return app
}

// The fields of a form in either encoding; undefined for anything else. Its size is bounded before it is parsed.
async function readForm(c: Context<{ Bindings: Client }>): Promise<FormData | undefined> {
  const body = await readBody(c.req.raw, FORM_LIMIT)
  const headers = { 'content-type': c.req.header('content-type') ?? '' }
  return new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => undefined)
}
