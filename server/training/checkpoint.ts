/** Training checkpoints: the state of a run and the identity of the run, as JSON in a sealed file. */

import { existsSync } from 'node:fs'
import type { ModelSpec } from '../../core/models/spec.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { readSealedLine, writeSealedLine } from '../files/sealed.ts'
import type { TrainingData } from './run.ts'

const FORMAT = 2

/** What must be equal for a run to resume from a checkpoint: recipe, layers, data digests ... as JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>

/** The identity of a run of a model by a recipe on data. */
export function runIdentity(spec: ModelSpec, recipe: object, { sources }: TrainingData): RunIdentity {
  return {
    model: spec.id,
    ...('layers' in spec && { layers: spec.layers }),
    recipe,
    preprocessing: PREPROCESS_VERSION,
    data: sources.map(({ files }) => files),
  }
}

/** Writes the state of a run: numbers, infinity too, f32 arrays and anything else that JSON can hold. */
export function writeCheckpoint(path: string, run: RunIdentity, state: object): void {
  writeSealedLine(path, JSON.stringify({ format: FORMAT, run, state }, encode))
}

/**
 * The state in a checkpoint, or undefined when there is none. It has the type that was written for the same run.
 * @throws Error when the file is damaged or belongs to another run
 */
export function readCheckpoint<State extends object>(path: string, run: RunIdentity): State | undefined {
  if (!existsSync(path)) return undefined
  const body = readSealedLine(path)
  if (body === undefined) throw new Error(`checkpoint ${path} is damaged; --fresh starts anew`)
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
