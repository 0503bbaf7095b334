/** A drawing that is taught, learned from and taken back over HTTP, and the search for what is left of it on disk. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CorrectionResponse, PredictResponse } from '../../core/protocol.ts'
import { type Connection, correctionOf, type Reply, untilIdle, versionsOf } from './connection.ts'
import { smallDrawing } from './drawings.ts'

/** Bytes that nothing but the drawing explains where they are found. */
const WINDOW = 64

/** How long a round may take on a busy machine, ms: of knn a hundred times as long as of softmax. */
const PATIENCE = 400_000

/** A drawing that a model has learned from. */
export interface TaughtDrawing {
  readonly id: string // of its correction
  readonly version: number // that has learned from it
  readonly sha256: string // of its weights
  readonly traces: readonly Buffer[] // of the drawing, its input and what was made of them
}

/** Bytes of a file of weights, of the served version unless one is named. */
export async function weightsOf(on: Connection, model: string, query = ''): Promise<Reply> {
  return on.send('GET', `/api/v1/models/${model}/weights${query}`)
}

/** Teaches a model a drawing of another digit than it shows, as the owner, whose word counts, and waits for the version. */
export async function teachAndLearn(owner: Connection, model: string, number: number): Promise<TaughtDrawing> {
  const { label, png } = smallDrawing(number)
  const { input = [] } = await owner.json<PredictResponse>('POST', `/api/v1/predict?input=1&model=${model}`, {
    image: correctionOf(png, label).image,
  })
  const before = (await weightsOf(owner, model)).body
  const wrong = ((label + 3) % 10) as typeof label
  const body = correctionOf(png, wrong, model)
  const { id } = await owner.json<CorrectionResponse>('POST', '/api/v1/corrections', body)
  await untilIdle(owner, PATIENCE)
  const { served, versions } = await versionsOf(owner, model)
  const after = (await weightsOf(owner, model)).body
  const picture = (await owner.send('GET', `/api/v1/corrections/${id}/picture`)).body
  const ink = input.findIndex((byte) => byte > 0)
  const traces = [Buffer.from(input.slice(ink, ink + 4 * WINDOW)), picture.subarray(33, -12), newBytes(after, before)]
  const sha256 = versions.find(({ version }) => version === served)?.sha256 ?? ''
  return { id, version: served, sha256, traces }
}

/** The files of a folder in which a trace is found. */
export function filesWith(folder: string, traces: readonly Buffer[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => traces.some((trace) => readFileSync(path).includes(trace)))
}

// Bytes of weights that are nowhere in the weights before, whatever was put in front of them.
function newBytes(after: Buffer, before: Buffer): Buffer {
  const step = 8 // bytes; files of weights are aligned so
  const key = (bytes: Buffer, at: number) => bytes.toString('latin1', at, at + 2 * step)
  const known = new Set<string>()
  for (let at = 0; at < before.length; at += step) known.add(key(before, at))
  let unknown = 0
  for (let at = step * Math.ceil((after.indexOf('}}') + 2) / step); at + 2 * step <= after.length; at += step) {
    unknown = known.has(key(after, at)) ? 0 : unknown + step
    if (unknown < WINDOW) continue
    const found = after.subarray(at + step - WINDOW, at + step)
    if (new Set(found).size > 8) return found // not zeros
  }
  throw new Error('the weights are those of before')
}
