/**
 * Weights files: the safetensors format (Hugging Face, 2022), restricted to one layout per model. A file is an 8-byte little-endian
 * header length, a JSON header, and the tensors' bytes in the order of the model, without gaps. A matrix of f32 may be stored in 8 bits,
 * see eight-bits.ts: then its scales are in its place, as `<name>.scale`, and the integers, I8, follow after all other tensors.
 */

import { integersOf, mayBePacked, packWeights, scalesOf, unpackWeights } from './eight-bits.ts'
import { WeightsError } from './errors.ts'
import {
  bytesOf,
  checkValues,
  type Tensor,
  type TensorPlace,
  type TensorSpec,
  tensorBytes,
  tensorPlaces,
  tensorValues,
} from './tensor.ts'

/** Largest header, bytes. */
export const MAX_HEADER = 65_536
/** Format and version in the header's __metadata__. */
const [FORMAT, VERSION] = ['inkling', '1']

/** A tensor of a file and its bytes there. */
interface Piece {
  readonly tensor: TensorSpec
  readonly bytes: Uint8Array
}

/**
 * The file of these tensors: matrices in 8 bits where that gives back every bit. Deterministic: the same values give the same bytes.
 * @param data their bytes, one after another in the order given
 * @throws RangeError when `data` does not have the length of the tensors
 */
export function encodeTensors(tensors: readonly TensorSpec[], data: Uint8Array): Uint8Array<ArrayBuffer> {
  if (data.length !== tensorBytes(tensors)) {
    throw new RangeError(`${data.length} bytes of data for tensors of ${tensorBytes(tensors)}`)
  }
  const [pieces, integers]: Piece[][] = [[], []]
  for (const place of tensorPlaces(tensors)) {
    const bytes = data.subarray(place.begin, place.end)
    const packed = mayBePacked(place) ? packWeights(place.tensor, bytes) : undefined
    if (packed) integers.push({ tensor: integersOf(place.tensor), bytes: bytesOf(packed.integers) })
    pieces.push(
      packed ? { tensor: scalesOf(place.tensor), bytes: bytesOf(packed.scales) } : { tensor: place.tensor, bytes },
    )
  }
  pieces.push(...integers)
  const places = tensorPlaces(pieces.map(({ tensor }) => tensor))
  const header: Record<string, unknown> = { __metadata__: { format: FORMAT, version: VERSION } }
  for (const { tensor, dtype, begin, end } of places) {
    header[tensor.name] = { dtype, shape: tensor.shape, data_offsets: [begin, end] }
  }
  const json = JSON.stringify(header)
  const size = Math.ceil((8 + json.length) / 8) * 8 - 8 // so that the data are aligned to 8 bytes
  const file = new Uint8Array(8 + size + (places.at(-1)?.end ?? 0))
  new DataView(file.buffer).setUint32(0, size, true)
  for (let i = 0; i < size; i++) file[8 + i] = i < json.length ? json.charCodeAt(i) : 0x20
  for (const [i, { bytes }] of pieces.entries()) file.set(bytes, 8 + size + places[i].begin)
  return file
}

/**
 * A copy of the tensors' bytes from a file that must contain exactly these tensors. A matrix may be there in
 * 8 bits, and is f32 in what is returned. f32 values must be finite and within LARGEST_WEIGHT; of other types only the size is checked.
 * @throws WeightsError
 */
export function decodeTensors(file: Uint8Array, tensors: readonly TensorSpec[]): Uint8Array<ArrayBuffer> {
  if (file.length < 8) throw new WeightsError('truncated', `weights: ${file.length} bytes, at least 8 expected`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const size = view.getUint32(0, true)
  if (view.getUint32(4, true) !== 0 || size === 0 || size > MAX_HEADER || 8 + size > file.length) {
    throw new WeightsError('bad_header_length', `weights: header length must be 1..${MAX_HEADER} and within the file`)
  }
  const text = headerText(file.subarray(8, 8 + size))
  const header = parseHeader(text)
  const places = tensorPlaces(tensors)
  const narrow = places.filter((place) => mayBePacked(place) && isPacked(header.get(place.tensor.name)))
  const packed = new Set(narrow.map(({ tensor }) => tensor))
  const inFile = [
    ...tensors.map((tensor) => (packed.has(tensor) ? scalesOf(tensor) : tensor)),
    ...[...packed].map(integersOf),
  ]
  const stored = tensorPlaces(inFile)
  checkTensors(header, stored)
  // JSON.parse accepts a field twice in one tensor, and numbers in other spellings
  if (JSON.stringify(JSON.parse(text)) !== text.trimEnd()) {
    throw new WeightsError('bad_header', 'weights: header must be JSON without blanks and without a name twice')
  }
  const [given, expected] = [file.length - 8 - size, stored.at(-1)?.end ?? 0]
  if (given !== expected) throw new WeightsError('bad_offsets', `weights: ${given} bytes of data, ${expected} expected`)
  const body = file.subarray(8 + size)
  checkValues(body, inFile)
  const data = new Uint8Array(tensorBytes(tensors))
  let next = tensors.length // of the integers
  for (const [i, { tensor, begin }] of places.entries()) {
    const values = tensorValues(body, stored[i])
    if (!packed.has(tensor)) data.set(bytesOf(values), begin)
    else data.set(unpackWeights(tensor, tensorValues(body, stored[next++]) as Int8Array, values as Float32Array), begin)
  }
  return data
}

/** The file of the tensors of one flat f32 buffer. */
export function encodeSafetensors(tensors: readonly Tensor[], values: Float32Array): Uint8Array<ArrayBuffer> {
  return encodeTensors(tensors, bytesOf(values))
}

/**
 * The flat f32 buffer of a file that must contain exactly these tensors.
 * @throws WeightsError
 */
export function decodeSafetensors(file: Uint8Array, tensors: readonly Tensor[]): Float32Array<ArrayBuffer> {
  return new Float32Array(decodeTensors(file, tensors).buffer)
}

function headerText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    // names and numbers in these files are ASCII without escapes
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) {
      throw new WeightsError('bad_header', 'weights: header must be printable ASCII without backslashes')
    }
    text += String.fromCharCode(byte)
  }
  return text
}

function parseHeader(text: string): Map<string, unknown> {
  if (text[0] !== '{') throw new WeightsError('bad_header', 'weights: header must begin with {')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new WeightsError('bad_header', 'weights: header is not JSON')
  }
  const entries = new Map(Object.entries(json as Record<string, unknown>))
  // JSON.parse keeps the last of two equal keys: count the names in the text itself
  for (const name of entries.keys()) {
    if (name === '__proto__' || text.split(`"${name}":`).length !== 2) {
      throw new WeightsError('bad_header', 'weights: a name occurs twice in the header, or is none')
    }
  }
  const metadata = new Map(Object.entries(Object(entries.get('__metadata__'))))
  if (metadata.get('version') !== VERSION) {
    throw new WeightsError('unsupported_version', `weights: version ${VERSION} expected in the header's metadata`)
  }
  if (metadata.get('format') !== FORMAT || metadata.size !== 2) {
    throw new WeightsError('bad_header', `weights: metadata must be format ${FORMAT} and version ${VERSION} alone`)
  }
  entries.delete('__metadata__')
  return entries
}

function checkTensors(header: Map<string, unknown>, places: readonly TensorPlace[]): void {
  for (const { tensor, dtype, begin, end } of places) {
    const { name, shape } = tensor
    const entry = header.get(name) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown } | undefined
    if (typeof entry !== 'object' || entry === null) {
      throw new WeightsError('bad_tensors', `weights: tensor ${name} is missing`)
    }
    if (entry.dtype !== dtype) throw new WeightsError('bad_dtype', `weights: ${name} must be ${dtype}`)
    if (!sameNumbers(entry.shape, shape)) {
      throw new WeightsError('bad_shape', `weights: ${name} must have shape ${shape.join('x')}`)
    }
    if (!sameNumbers(entry.data_offsets, [begin, end])) {
      throw new WeightsError('bad_offsets', `weights: ${name} must lie at ${begin}..${end}`)
    }
  }
  if (header.size !== places.length) {
    throw new WeightsError('bad_tensors', `weights: ${header.size} tensors, ${places.length} expected`)
  }
}

function isPacked(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'dtype' in entry && entry.dtype === 'I8'
}

function sameNumbers(given: unknown, expected: readonly number[]): boolean {
  return Array.isArray(given) && given.length === expected.length && expected.every((value, i) => given[i] === value)
}
