/** Reads and checks model folders: card.json and the weights file that it names. */

import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { InputError, messageOf } from '../../core/errors.ts'
import { type Card, parseCard } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { WeightsError } from '../../core/models/errors.ts'
import { decodeTensors, MAX_HEADER } from '../../core/models/safetensors.ts'
import { checkTrained, tensorBytes } from '../../core/models/tensor.ts'
import { MODEL_ID } from '../../core/protocol.ts'
import { listIds } from '../../core/recognizer.ts'
import { sha256 } from '../files/sha256.ts'

const MAX_CARD = 262_144 // bytes

/** Names of folders that are not models: hidden ones, and those that `saveModel` in save.ts renames or removes. */
export const NO_MODEL = /^\.|\.(new|old)$/

/** A model as it is in its folder. */
export interface StoredModel {
  readonly card: Card
  readonly data: Uint8Array<ArrayBuffer> // the bytes of its tensors, one after another, little-endian
  readonly bytes: Uint8Array<ArrayBuffer> // the weights file
}

/**
 * Reads one model, whose weights have the digest, types, shapes and length of its card. Messages name no path.
 * @throws WeightsError, InputError 422 bad_card, RangeError for a type this program can't run, errors of the file system
 */
export function loadModel(folder: string): StoredModel {
  const card = readCard(folder)
  const tensors = modelTensors(card)
  const bytes = readRegular(join(folder, card.weights.file), 8 + MAX_HEADER + tensorBytes(tensors), 'the weights file')
  if (sha256(bytes) !== card.weights.sha256) {
    throw new WeightsError('bad_digest', `weights of ${card.id}: SHA-256 is not the one in the card`)
  }
  const data = decodeTensors(bytes, tensors)
  checkTrained(data, tensors)
  return { card, data, bytes }
}

/** Reads every model below `root`, by id. `warn` gets a sentence for each that cannot be loaded. */
export function loadModels(root: string, warn: (problem: string) => void): StoredModel[] {
  const models: StoredModel[] = []
  for (const entry of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() || NO_MODEL.test(entry.name)) continue
    try {
      models.push(loadModel(join(root, entry.name)))
    } catch (error) {
      warn(`model ${entry.name} is skipped: ${messageOf(error)}`)
    }
  }
  return models
}

/**
 * Reads the card of a model folder.
 * @throws InputError 422 bad_card, WeightsError missing_file, not_regular_file, too_large or truncated
 */
export function readCard(folder: string): Card {
  const text = Buffer.from(readRegular(join(folder, 'card.json'), MAX_CARD, 'card.json').buffer).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new InputError(422, 'bad_card', 'model card: is not JSON')
  }
  return parseCard(json)
}

/**
 * Reads a whole regular file. It is read once, so the bytes that are checked are the bytes that are used, even if the file
 * changes. Links are not followed; a pipe or device is refused without waiting for it.
 * @param limit bytes it may have
 * @param what it is, for messages
 * @throws WeightsError missing_file, not_regular_file, too_large, truncated; other errors of the file system
 */
export function readRegular(path: string, limit: number, what: string): Uint8Array<ArrayBuffer> {
  const file = openRegular(path, what)
  try {
    const status = fstatSync(file)
    if (!status.isFile()) throw new WeightsError('not_regular_file', `${what} is not a regular file`)
    if (status.size > limit) {
      throw new WeightsError('too_large', `${what} has ${status.size} bytes, at most ${limit} expected`)
    }
    return readExactly(file, status.size, what)
  } finally {
    closeSync(file)
  }
}

/**
 * Reads that many bytes of an open file, from its current position.
 * @throws WeightsError truncated where it ends before
 */
export function readExactly(file: number, size: number, what: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; ) {
    const count = readSync(file, bytes, at, size - at, null)
    if (count === 0) throw new WeightsError('truncated', `${what} ended after ${at} of ${size} bytes`)
    at += count
  }
  return bytes
}

function openRegular(path: string, what: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new WeightsError('missing_file', `${what} is not there`)
    // a link under O_NOFOLLOW; a socket or a device without a driver
    if (code === 'ELOOP' || code === 'ENXIO')
      throw new WeightsError('not_regular_file', `${what} is not a regular file`)
    throw error
  }
}

/**
 * Folder of a model: below `models` where `name` is an id, otherwise `name` as a path.
 * @throws Error where there is none, with the names of those that exist
 */
export function modelFolder(name: string, models: string): string {
  const folder = MODEL_ID.test(name) ? join(models, name) : name
  if (existsSync(folder)) return folder
  const known = existsSync(models) ? readdirSync(models).filter((id) => existsSync(join(models, id, 'card.json'))) : []
  throw new Error(`no model ${name}; there are: ${listIds(known.sort())}`)
}
