/** Drawings of all forms for the server, the same in every run, and its answers without what differs from run to run. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { photograph } from '../../core/png/large-pictures.ts'
import { largeDrawing, smallDrawing } from '../../faults/drawings.ts'
import { ownDigits } from '../../web/digits.ts'
import type { Running } from './running.ts'

export interface DrawingRequest {
  readonly name: string
  readonly label: number // 0..9
  readonly type: 'image/png' | 'image/jpeg' | 'application/json'
  readonly body: Uint8Array<ArrayBuffer> | string
}

const json = (name: string, label: number, body: object): DrawingRequest => ({
  name,
  label,
  type: 'application/json',
  body: JSON.stringify(body),
})

const png = (name: string, label: number, file: Uint8Array): DrawingRequest => ({
  name,
  label,
  type: 'image/png',
  body: new Uint8Array(file),
})

/** The pictures of a folder, each named by its digit first. */
export function pictureRequests(folder: string): DrawingRequest[] {
  const files = readdirSync(folder).sort()
  return files.map((file) => ({
    name: file,
    label: Number(file[0]),
    type: file.endsWith('.jpg') ? 'image/jpeg' : 'image/png',
    body: new Uint8Array(readFileSync(join(folder, file))),
  }))
}

/** A drawing photographed at 4032 x 3024 px. */
export function photographRequest(): DrawingRequest {
  const { label, strokes } = ownDigits()[4]
  return png('photograph', label, photograph({ strokes, left: 900, top: 500, side: 1800, pen: 45 }, 1))
}

/** Any number of drawings, in turn as PNG, strokes, pixels and data URL. */
export function mixedRequests(count: number): DrawingRequest[] {
  const { draw } = loadReplayGenerator()
  const pens = ownDigits()
  return Array.from({ length: count }, (_, i) => {
    if (i % 4 === 0) {
      const { label, png: file } = largeDrawing(i)
      return png(`PNG ${i}`, label, file)
    }
    if (i % 4 === 1) {
      const { label, strokes } = pens[(i >> 2) % pens.length]
      return json(`strokes ${i}`, label, { strokes: slanted(strokes, new Random(4, i)) })
    }
    if (i % 4 === 2) {
      const image = new Uint8Array(784)
      const label = draw(image, FIRST + i)
      return json(`pixels ${i}`, label, { pixels: Array.from(image, (byte) => byte / 255) })
    }
    const { label, png: file } = smallDrawing(i)
    return json(`data URL ${i}`, label, { image: `data:image/png;base64,${file.toString('base64')}` })
  })
}

/** Number of the first generated image, far from those that rounds draw. */
const FIRST = 4_000_000

function slanted(strokes: Strokes, random: Random): Strokes {
  const [slant, width, height] = [
    0.3 * (random.uniform() - 0.5),
    0.7 + 0.6 * random.uniform(),
    0.8 + 0.4 * random.uniform(),
  ]
  return strokes.map((stroke) => stroke.map(([x, y]) => [x * width + y * slant, y * height] as const))
}

export interface Answer {
  readonly text: string // status and body, without id and times
  readonly right: boolean // 200 and the right digit
}

/**
 * Asks for a prediction, again where the server says that it is busy.
 * @param query of /api/v1/predict, from the question mark
 */
export async function ask(server: Running, { type, body, label }: DrawingRequest, query: string): Promise<Answer> {
  const url = `${server.url}/api/v1/predict${query}`
  let response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  while (response.status === 503) {
    await response.arrayBuffer()
    await sleep(500)
    response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  }
  const { id: _id, timing: _timing, answers, ...rest } = (await response.json()) as Record<string, unknown>
  const models = (answers as object[] | undefined)?.map((answer) => ({ ...answer, time: 0 }))
  return {
    text: `${response.status} ${JSON.stringify({ ...rest, ...(models && { models }) })}`,
    right: response.status === 200 && rest.digit === label,
  }
}

/** Does something for each item, `atOnce` at a time. */
export async function forEach<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, i: number) => Promise<void>,
) {
  let next = 0
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) await work(items[i], i)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
