/** Makes damaged PNGs from valid ones: random changes of chunks, header and samples, with repaired CRCs. */

import { deflateSync, inflateSync } from 'node:zlib'
import type { Random } from '../../../core/random.ts'
import { chunk, concat, SIGNATURE } from './writer.ts'

interface Piece {
  type: string
  data: Uint8Array
}

const TYPES = [
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'acTL',
  'fdAT',
  'tEXt',
  'zTXt',
  'iCCP',
  'eXIf',
  'QUUX',
  'ID1T',
]

/** Bytes that mean something somewhere: filters, depths, colour types, bounds. */
const TELLING = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 32, 127, 128, 254, 255]

/** A random damaged copy of a valid PNG: one to three changes, and one in twenty files with wrong CRCs or a cut too. */
export function mutate(png: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const pieces = split(png)
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    CHANGES[random.below(CHANGES.length)](pieces, random)
  }
  const whole = concat(SIGNATURE, ...pieces.map(({ type, data }) => chunk(type, data)))
  if (random.below(20) > 0) return whole
  return random.below(2) ? whole.slice(0, random.below(whole.length + 1)) : withByteChanged(whole, random)
}

function split(png: Uint8Array): Piece[] {
  const view = new DataView(png.buffer, png.byteOffset)
  const pieces: Piece[] = []
  // without what may follow IEND
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8))
    pieces.push({ type, data: png.slice(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return pieces
}

/**
 * A valid file as pngjs reads it rightly: without the chunks a decoder may skip (it throws where gAMA has the wrong length),
 * and tRNS without bits beyond the depth, which the specification says to mask and pngjs compares.
 */
export function forPngjs(png: Uint8Array): Uint8Array {
  const kept = split(png).filter(({ type }) => type === 'tRNS' || type[0] < 'a')
  const [depth, colour] = kept[0].data.subarray(8)
  const mask = [2 ** depth - 1, (2 ** depth - 1) >> 8]
  for (const piece of kept) {
    if (piece.type === 'tRNS' && colour !== 3) piece.data = piece.data.map((byte, i) => byte & mask[(i + 1) % 2])
  }
  return concat(SIGNATURE, ...kept.map(({ type, data }) => chunk(type, data)))
}

type Change = (pieces: Piece[], random: Random) => void

const changeByte: Change = (pieces, random) => {
  const piece = pick(pieces, random)
  if (piece) piece.data = withByteChanged(piece.data, random)
}

/** Depth, colour type, methods, or one of the two low bytes of a side. */
const changeHeader: Change = (pieces, random) => {
  const header = pieces.find(({ type }) => type === 'IHDR')
  if (!header || header.data.length < 13) return
  const at = [2, 3, 6, 7, 8, 9, 10, 11, 12][random.below(9)]
  header.data = header.data.slice()
  header.data[at] = TELLING[random.below(TELLING.length)]
}

/** Samples and filter bytes under the compression; sometimes their number. */
const changeSamples: Change = (pieces, random) => {
  const first = pieces.findIndex(({ type }) => type === 'IDAT')
  const parts = pieces.filter(({ type }) => type === 'IDAT').map(({ data }) => data)
  let samples: Uint8Array
  try {
    samples = inflateSync(concat(...parts))
  } catch {
    return // an earlier change broke the stream
  }
  for (let n = 1 + random.below(8); n > 0; n--) samples = withByteChanged(samples, random)
  const off = random.below(8) === 0 ? random.below(5) - 2 : 0
  if (off < 0) samples = samples.slice(0, off)
  if (off > 0) samples = concat(samples, new Uint8Array(off))
  pieces[first] = { type: 'IDAT', data: deflateSync(samples, { level: random.below(2) }) }
  for (let i = pieces.length - 1; i > first; i--) if (pieces[i].type === 'IDAT') pieces.splice(i, 1)
}

const remove: Change = (pieces, random) => {
  pieces.splice(random.below(pieces.length), 1)
}

const repeat: Change = (pieces, random) => {
  const piece = pick(pieces, random)
  if (piece) pieces.splice(random.below(pieces.length + 1), 0, { ...piece })
}

const insert: Change = (pieces, random) => {
  const data = Uint8Array.from({ length: random.below(20) }, () => random.below(256))
  pieces.splice(random.below(pieces.length + 1), 0, { type: TYPES[random.below(TYPES.length)], data })
}

const swap: Change = (pieces, random) => {
  const [i, j] = [random.below(pieces.length), random.below(pieces.length)]
  if (pieces.length > 0) [pieces[i], pieces[j]] = [pieces[j], pieces[i]]
}

const rename: Change = (pieces, random) => {
  const piece = pick(pieces, random)
  if (piece) piece.type = TYPES[random.below(TYPES.length)]
}

const resize: Change = (pieces, random) => {
  const piece = pick(pieces, random)
  if (!piece) return
  const length = Math.max(0, piece.data.length + random.below(9) - 4)
  piece.data = concat(piece.data, new Uint8Array(8)).slice(0, length)
}

/** Image data in two chunks: still valid, unless something comes between. */
const divide: Change = (pieces, random) => {
  const i = pieces.findIndex(({ type }) => type === 'IDAT')
  if (i < 0) return
  const { type, data } = pieces[i]
  const cut = random.below(data.length + 1)
  pieces.splice(i, 1, { type, data: data.slice(0, cut) }, { type, data: data.slice(cut) })
}

const CHANGES: readonly Change[] = [
  changeByte,
  changeHeader,
  changeSamples,
  changeSamples,
  changeSamples,
  divide,
  insert,
  remove,
  rename,
  repeat,
  resize,
  swap,
]

function pick(pieces: readonly Piece[], random: Random): Piece | undefined {
  return pieces[random.below(pieces.length)]
}

function withByteChanged(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes)
  if (copy.length === 0) return copy
  const at = random.below(copy.length)
  copy[at] = random.below(2) ? TELLING[random.below(TELLING.length)] : copy[at] ^ (1 << random.below(8))
  return copy
}
