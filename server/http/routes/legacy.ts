/**
 * The endpoints of three older programs, with the answers that those gave, so that their pages work with this server:
 * GET /list and POST /process of a zoo of models, POST /predict/ of a convolutional network, POST /predict of a small one.
 */

import { type Context, Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import type { StartedRecognition } from '../../../core/recognizer.ts'
import { answer, answerJson, answerNothing } from '../answer.ts'
import { pictureReader } from '../bodies/decoding.ts'
import { BODY_LIMIT } from '../bodies/drawing.ts'
import { FORM_LIMIT, PIXEL_OBJECT_LIMIT, readDataUrlBody, readGrid, readPixelObject } from '../bodies/legacy-drawing.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { demandJson, readBody } from '../limits/body.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'
import { OPEN_PATHS } from '../visitors/origin.ts'

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
  // of older editions: not in the list
  { id: 'knn', model: 'knn' },
  { id: 'xgb', model: 'boosted' },
  { id: 'lgbm', model: 'boosted' },
]

/** The Content-Type that Flask and Django give to any text. */
const TEXT = { 'Content-Type': 'text/html; charset=utf-8' }

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'content-type, x-csrftoken, x-requested-with',
  'Access-Control-Max-Age': '86400',
}

export function legacyRoutes(deps: Deps, admission: Admission): Hono<{ Bindings: Client }> {
  const { recognizer, models, now, defer } = deps

  /** The digit that a client's recognition ends with. */
  async function digitOf(
    address: string,
    started: Promise<StartedRecognition>,
    clientLeft = () => false,
  ): Promise<number> {
    const { sampling } = await started
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
    const { address } = c.env
    const work = () => recognizer.recognizeDrawing(() => grid, { model: card.id, samples })
    try {
      return answer(String(await digitOf(address, admission.enqueue(address, work), () => signal.aborted)), TEXT)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      // a grid that is blank or a blot; then a model whose weights turn out to be broken
      if (error.status === 422) return answer('invalid number', TEXT, 400)
      if (error.code === 'broken_model') return answer('invalid model', TEXT, 400)
      throw error
    }
  })

  app.on(['GET', 'POST'], '/predict/', async (c) => {
    const { address } = c.env
    admission.admit(address)
    const { bytes, release } = await admission.read(address, c.req.raw, BODY_LIMIT)
    function* work() {
      const raster = yield* readDataUrlBody(bytes, pictureReader(deps, admission, address))
      release()
      return recognizer.recognizeDrawing(() => raster)
    }
    const started = admission.inPieces(address, work(), () => c.req.raw.signal.aborted)
    return answer(`[${await digitOf(address, started).finally(release)}]`, TEXT)
  })

  app.post('/predict', async (c) => {
    const { address } = c.env
    admission.admit(address)
    demandJson(c.req.raw)
    const { bytes, release } = await admission.read(address, c.req.raw, PIXEL_OBJECT_LIMIT)
    const work = () => recognizer.recognizeDrawing(() => readPixelObject(bytes))
    const digit = await digitOf(address, admission.enqueue(address, work)).finally(release)
    return answer(String(digit), TEXT)
  })

  return app
}

// The fields of a form in either encoding; undefined for anything else. Its size is bounded before it is parsed.
async function readForm(c: Context<{ Bindings: Client }>): Promise<FormData | undefined> {
  const body = await readBody(c.req.raw, FORM_LIMIT)
  const headers = { 'content-type': c.req.header('content-type') ?? '' }
  return new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => undefined)
}
