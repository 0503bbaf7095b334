/** Checks before and after a kill, and their figures. */

import { sha256 } from '../../server/files/sha256.ts'
import { unzip } from '../../server/files/unzip.ts'
import { type Connection, sleep, trainingOf, versionsOf } from './connection.ts'
import { STROKES } from './drawings.ts'
import { LONGEST_START, type Subject } from './server-under-test.ts'

export interface KillFigures {
  kills: number
  readonly struck: Record<string, number> // kills by what the server was doing
  starts: number
  brokenStarts: number // starts that did not answer or took too long
  slowestStart: number // ms
  acknowledged: number
  lost: number // acknowledged corrections that are missing or changed after the kills
  compared: number // weights compared with those of a server that was not killed
  different: number
  rounds: number // of learning, finished
}

export function noFigures(): KillFigures {
  const counts = { kills: 0, starts: 0, brokenStarts: 0, slowestStart: 0, acknowledged: 0, lost: 0 }
  return { ...counts, struck: {}, compared: 0, different: 0, rounds: 0 }
}

const LARGEST_EXPORT = 100_000_000 // bytes

/** A start is broken if it takes too long or the server does not answer. */
export async function checkStart(subject: Subject, figures: KillFigures, took: number): Promise<void> {
  figures.starts++
  figures.slowestStart = Math.max(figures.slowestStart, took)
  const { status } = await subject.connect().send('POST', '/api/v1/predict', STROKES[figures.starts % STROKES.length])
  if (took > LONGEST_START || status !== 200) figures.brokenStarts++
}

/** SHA-256 of the served weights, from the list of versions and from the downloaded bytes. */
export async function servedWeights(owner: Connection, model: string): Promise<string> {
  const { served, versions } = await versionsOf(owner, model)
  const { body } = await owner.send('GET', `/api/v1/models/${model}/weights`)
  const digest = versions.find(({ version }) => version === served)?.sha256
  if (digest !== sha256(body)) throw new Error('the list of versions names other weights than are served')
  return digest
}

/** All stored drawings, as they were sent, by the id of their correction. */
export async function exported(owner: Connection): Promise<Map<string, Buffer>> {
  const { status, body } = await owner.send('GET', '/api/v1/corrections/export?format=png')
  if (status !== 200) throw new Error(`the export says ${status}`)
  const members = await unzip(body, LARGEST_EXPORT)
  const pictures = members.filter(({ name }) => name.endsWith('.png'))
  return new Map(pictures.map(({ name, bytes }) => [name.replace(/^.*\/|\.png$/g, ''), Buffer.from(bytes)]))
}

/** Follows the activity of a server until it ends. Returns a function that gives the last known activity. */
export function watchPhase(subject: Subject): () => string {
  let phase = 'starting'
  const follow = async () => {
    await subject.ready
    const on = subject.connect()
    for (; !subject.ended; await sleep(20)) {
      const { round } = await trainingOf(on)
      phase = round ? (round.step > 0 ? `${round.phase}` : 'preparing') : 'idle'
    }
  }
  follow().catch(() => {}) // it was killed
  return () => phase
}

export function strike(figures: KillFigures, phase: string): void {
  figures.kills++
  figures.struck[phase] = (figures.struck[phase] ?? 0) + 1
}

/** Whether a request failed because its server was killed. */
export function isCut(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE' || message === 'the answer was cut short'
}
