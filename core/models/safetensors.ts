/**
 * Weights files: the safetensors layout (Hugging Face, 2022), restricted to what a network here consists of. A file is
 * an 8-byte little-endian header length, a JSON header, and f32 data in the order of the network's flat buffer.
 */

import type { Tensor } from './network.ts'

const MAX_HEADER = 65_536 // bytes
const VERSION = '1' // of this restriction; stands in the header's __metadata__

export type WeightsErrorCode =
  | 'truncated'
  | 'bad_header_length'
  | 'bad_header'
  | 'unsupported_version'
  | 'bad_dtype'
  | 'bad_shape'
  | 'bad_offsets'
  | 'bad_tensors'
  | 'not_finite'
  | 'out_of_range'
  | 'bad_digest'
  | 'not_regular_file'

/** A weights file that is refused. */
export class WeightsError extends Error {
  readonly code: WeightsErrorCode

  constructor(code: WeightsErrorCode, message: string) {
    super(message)
    this.name = 'WeightsError'
    this.code = code
  }
}

/** Largest magnitude a trained weight may have; beyond it something is broken. */
export const LARGEST_WEIGHT = 1e6

/** The file for these tensors of one flat buffer. Deterministic: the same values give the same bytes. */
export function encodeSafetensors(tensors: readonly Tensor[], values: Float32Array): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'inkling', version: VERSION } }
  for (const { name, shape, offset, length } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset * 4, (offset + length) * 4] }
  }
  const json = JSON.stringify(header)
  const size = Math.ceil((8 + json.length) / 8) * 8 - 8 // data begins on a multiple of 8
  const file = new Uint8Array(8 + size + values.length * 4)
  const view = new DataView(file.buffer)
  view.setUint32(0, size, true)
  for (let i = 0; i < size; i++) file[8 + i] = i < json.length ? json.charCodeAt(i) : 0x20
  for (let i = 0; i < values.length; i++) view.setFloat32(8 + size + i * 4, values[i], true)
  return file
}

/**
 * The flat buffer of a file that holds exactly these tensors.
 * @throws WeightsError
 */
export function decodeSafetensors(file: Uint8Array, tensors: readonly Tensor[]): Float32Array {
  if (file.length < 8) throw new WeightsError('truncated', `weights: ${file.length} bytes, at least 8 expected`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const size = view.getUint32(0, true)
  if (view.getUint32(4, true) !== 0 || size === 0 || size > MAX_HEADER || 8 + size > file.length) {
    throw new WeightsError('bad_header_length', `weights: header length must be 1..${MAX_HEADER} and within the file`)
  }
  const header = parseHeader(file.subarray(8, 8 + size))
  checkTensors(header, tensors)
  const data = file.length - 8 - size
  const count = tensors.reduce((sum, { length }) => sum + length, 0)
  if (data !== count * 4) {
    throw new WeightsError('bad_offsets', `weights: ${data} bytes of data, ${count * 4} expected`)
  }
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const value = view.getFloat32(8 + size + i * 4, true)
    if (!Number.isFinite(value)) throw new WeightsError('not_finite', `weights: value ${i} is not finite`)
    if (Math.abs(value) > LARGEST_WEIGHT) {
      throw new WeightsError('out_of_range', `weights: value ${i} exceeds ${LARGEST_WEIGHT} in magnitude`)
    }
    values[i] = value
  }
  return values
}

function parseHeader(bytes: Uint8Array): Map<string, unknown> {
  let text = ''
  for (const byte of bytes) {
    // names and numbers here are ASCII; anything else is not one of these files
    if (byte < 0x20 || byte > 0x7e) throw new WeightsError('bad_header', 'weights: header must be printable ASCII')
    text += String.fromCharCode(byte)
  }
  if (text[0] !== '{') throw new WeightsError('bad_header', 'weights: header must begin with {')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new WeightsError('bad_header', 'weights: header is not JSON')
  }
  const entries = new Map(Object.entries(json as Record<string, unknown>))
  const metadata = entries.get('__metadata__')
  const version = (metadata as { version?: unknown } | undefined)?.version
  if (version !== VERSION) {
    throw new WeightsError('unsupported_version', `weights: version ${VERSION} expected in the header's metadata`)
  }
  entries.delete('__metadata__')
  // JSON.parse keeps the last of two equal keys: count the names in the text itself
  for (const name of entries.keys()) {
    if (text.split(`${JSON.stringify(name)}:`).length !== 2) {
      throw new WeightsError('bad_header', 'weights: a name occurs twice in the header')
    }
  }
  return entries
}

function checkTensors(header: Map<string, unknown>, tensors: readonly Tensor[]): void {
  for (const { name, shape, offset, length } of tensors) {
    const entry = header.get(name) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown } | undefined
    if (typeof entry !== 'object' || entry === null) {
      throw new WeightsError('bad_tensors', `weights: tensor ${name} is missing`)
    }
    if (entry.dtype !== 'F32') throw new WeightsError('bad_dtype', `weights: ${name} must be F32`)
    if (!sameNumbers(entry.shape, shape)) {
      throw new WeightsError('bad_shape', `weights: ${name} must have shape ${shape.join('x')}`)
    }
    if (!sameNumbers(entry.data_offsets, [offset * 4, (offset + length) * 4])) {
      throw new WeightsError('bad_offsets', `weights: ${name} must lie at ${offset * 4}..${(offset + length) * 4}`)
    }
  }
  if (header.size !== tensors.length) {
    throw new WeightsError('bad_tensors', `weights: ${header.size} tensors, ${tensors.length} expected`)
  }
}

function sameNumbers(given: unknown, wanted: readonly number[]): boolean {
  return Array.isArray(given) && given.length === wanted.length && wanted.every((value, i) => given[i] === value)
}
