/** Training checkpoints: the state of a run and what run it is, in one file that is either whole or not there. */

import { existsSync, readFileSync } from 'node:fs'
import type { TrainingState } from '../core/training.ts'
import { writeWhole } from './durable.ts'
import { sha256 } from './models.ts'

const FORMAT = 1

/** What must be equal for a checkpoint to be gone on with: recipe, layers, data digests ... as JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>

/** Writes the state of a run. */
export function writeCheckpoint(path: string, run: RunIdentity, state: TrainingState): void {
  const { parameters, velocity, best, bestLoss, ...numbers } = state
  const body = JSON.stringify({
    format: FORMAT,
    run,
    ...numbers,
    bestLoss: Number.isFinite(bestLoss) ? bestLoss : null, // JSON has no infinity
    parameters: encode(parameters),
    velocity: encode(velocity),
    best: encode(best),
  })
  writeWhole(path, `${sha256(Buffer.from(body))}\n${body}\n`)
}

/**
 * The state in a checkpoint, or undefined when there is none.
 * @throws Error when the file is damaged or belongs to another run
 */
export function readCheckpoint(path: string, run: RunIdentity): TrainingState | undefined {
  if (!existsSync(path)) return undefined
  const [digest, body = ''] = readFileSync(path, 'utf8').split('\n')
  if (digest !== sha256(Buffer.from(body))) throw new Error(`checkpoint ${path} is damaged; --fresh starts anew`)
  const { format, run: stored, parameters, velocity, best, bestLoss, ...numbers } = JSON.parse(body)
  if (format !== FORMAT)
    throw new Error(`checkpoint ${path} has format ${format}, ${FORMAT} expected; --fresh starts anew`)
  for (const [key, value] of Object.entries(run)) {
    if (JSON.stringify(value) !== JSON.stringify(stored[key])) {
      throw new Error(`checkpoint ${path} is of a run with another ${key}; --fresh starts anew`)
    }
  }
  return {
    ...numbers,
    bestLoss: bestLoss ?? Infinity,
    parameters: decode(parameters),
    velocity: decode(velocity),
    best: decode(best),
  }
}

function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

function decode(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
