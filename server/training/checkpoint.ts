/** Training checkpoints: the state of a run and what run it is, in one file that is either whole or not there. */

import { existsSync, readFileSync } from 'node:fs'
import { writeWhole } from '../files/durable.ts'
import { sha256 } from '../files/sha256.ts'

const FORMAT = 2

/** What must be equal for a checkpoint to be gone on with: recipe, layers, data digests ... as JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>

/** Writes the state of a run: numbers, infinite ones too, f32 arrays and anything else that JSON holds. */
export function writeCheckpoint(path: string, run: RunIdentity, state: object): void {
  const body = JSON.stringify({ format: FORMAT, run, state }, encode)
  writeWhole(path, `${sha256(Buffer.from(body))}\n${body}\n`)
}

/**
 * The state in a checkpoint, or undefined when there is none. Its type is that of what was written for the same run.
 * @throws Error when the file is damaged or belongs to another run
 */
export function readCheckpoint<State extends object>(path: string, run: RunIdentity): State | undefined {
  if (!existsSync(path)) return undefined
  const [digest, body = ''] = readFileSync(path, 'utf8').split('\n')
  if (digest !== sha256(Buffer.from(body))) throw new Error(`checkpoint ${path} is damaged; --fresh starts anew`)
  const { format, run: stored, state } = JSON.parse(body, decode)
  if (format !== FORMAT)
    throw new Error(`checkpoint ${path} has format ${format}, ${FORMAT} expected; --fresh starts anew`)
  for (const [key, value] of Object.entries(run)) {
    if (JSON.stringify(value) !== JSON.stringify(stored[key])) {
      throw new Error(`checkpoint ${path} is of a run with another ${key}; --fresh starts anew`)
    }
  }
  return state
}

function encode(_key: string, value: unknown): unknown {
  if (value === Infinity) return { number: 'Infinity' } // JSON has none
  if (!(value instanceof Float32Array)) return value
  return { f32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
}

function decode(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('number' in value) return Infinity
  if (!('f32' in value)) return value
  const bytes = Buffer.from(String(value.f32), 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
