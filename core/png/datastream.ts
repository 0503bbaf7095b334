/**
 * The chunks of a PNG datastream: every one's length, type, CRC and place is checked, and what decoding needs is picked out.
 * Nothing is inflated here, and what is not needed (gamma, profiles, text, EXIF, animation) is not even looked at.
 */

import { InputError } from '../errors.ts'
import { crc32 } from './crc32.ts'
import { GREY, GREY_ALPHA, HEADER_LENGTH, type Header, INDEXED, RGB, readHeader, readU32 } from './header.ts'
import type { PngLimits } from './limits.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Chunk types, as the big-endian u32 of their four letters. */
const IHDR = 0x49484452
const PLTE = 0x504c5445
const IDAT = 0x49444154
const IEND = 0x49454e44
const TRNS = 0x74524e53

/** Set in the first letter of chunks a decoder may skip: lower case. */
const ANCILLARY = 0x2000_0000

/** Bytes of a chunk besides its data: length and type in front, CRC behind. */
const BEFORE_DATA = 8
const AFTER_DATA = 4

/** What decoding needs. All arrays may be views into the file. */
export interface Datastream {
  readonly header: Header
  readonly palette: Uint8Array | undefined // 3 bytes per entry; only meant for INDEXED
  readonly transparency: Uint8Array | undefined // tRNS: an alpha per entry, or one colour in 16-bit samples
  readonly zlib: Uint8Array // all IDAT chunks' data
}

/** A span of the file. */
interface Span {
  readonly start: number
  readonly end: number
}

/** What has been met so far. */
interface Progress {
  header: Header | undefined
  palette: Uint8Array | undefined
  transparency: Uint8Array | undefined
  readonly data: Span[]
  previous: number // type of the chunk before
}

/**
 * Reads a whole file. Refuses what the specification calls an error, and bytes after IEND.
 * @throws InputError with one code for each way a file can be wrong; see the header's too.
 */
export function readDatastream(file: Uint8Array, limits: PngLimits): Datastream {
  checkSignature(file)
  const met: Progress = {
    header: undefined,
    palette: undefined,
    transparency: undefined,
    data: [],
    previous: 0,
  }
  let chunks = 0
  let ancillary = 0
  let at = SIGNATURE.length
  while (met.previous !== IEND) {
    const type = readType(file, at)
    const length = readU32(file, at)
    if ((type === IHDR) !== (chunks === 0)) {
      throw chunks === 0
        ? new InputError(422, 'ihdr_not_first', 'the first chunk must be IHDR')
        : new InputError(422, 'duplicate_ihdr', 'there must be one IHDR, got another')
    }
    if (type === IHDR && length !== HEADER_LENGTH) {
      throw new InputError(422, 'bad_ihdr_length', `IHDR must have ${HEADER_LENGTH} bytes, got ${length}`)
    }
    chunks++
    if (type & ANCILLARY) ancillary++
    if (chunks > limits.maxChunks || ancillary > limits.maxAncillary) {
      const most = `at most ${limits.maxChunks} chunks, ${limits.maxAncillary} of them ancillary, are accepted`
      throw new InputError(422, 'too_many_chunks', most)
    }
    const start = at + BEFORE_DATA
    const end = start + length
    if (end + AFTER_DATA > file.length) throw truncated()
    if (crc32(file, at + 4, end) !== (readU32(file, end) | 0)) {
      throw new InputError(422, 'bad_crc', `chunk ${chunks} does not match its CRC`)
    }
    if (type === IHDR) met.header = readHeader(file, start, limits)
    else take(met, met.header as Header, type, file, { start, end })
    met.previous = type
    at = end + AFTER_DATA
  }
  if (at !== file.length) {
    throw new InputError(422, 'trailing_data', `the file must end with IEND, got ${file.length - at} bytes more`)
  }
  return {
    header: met.header as Header,
    palette: met.palette,
    transparency: met.transparency,
    zlib: join(file, met.data),
  }
}

function truncated(): InputError {
  return new InputError(422, 'truncated', 'the file ends before its IEND chunk')
}

function checkSignature(file: Uint8Array): void {
  if (file.length === 0) throw new InputError(400, 'empty_body', 'expected a PNG, got nothing')
  if (SIGNATURE.some((byte, i) => i < file.length && file[i] !== byte)) {
    throw new InputError(415, 'not_png', 'expected a PNG, got something else')
  }
  if (file.length < SIGNATURE.length) throw truncated()
}

/** The type of the chunk at file[at]: four ASCII letters. */
function readType(file: Uint8Array, at: number): number {
  if (at + BEFORE_DATA > file.length) throw truncated()
  for (let i = at + 4; i < at + 8; i++) {
    const lowerCase = file[i] | 0x20
    if (lowerCase < 0x61 || lowerCase > 0x7a) {
      throw new InputError(422, 'bad_chunk_type', 'chunk types must be four letters')
    }
  }
  return readU32(file, at + 4)
}

/** Takes in a chunk that is not IHDR, if this is the place for it. */
function take(met: Progress, header: Header, type: number, file: Uint8Array, { start, end }: Span): void {
  switch (type) {
    case PLTE:
      checkPalette(met, header, end - start)
      met.palette = file.subarray(start, end)
      break
    case TRNS:
      checkTransparency(met, header, end - start)
      met.transparency = file.subarray(start, end)
      break
    case IDAT:
      if (header.colour === INDEXED && met.palette === undefined) {
        throw new InputError(422, 'missing_plte', 'a palette image needs PLTE before its first IDAT')
      }
      if (met.data.length > 0 && met.previous !== IDAT) {
        throw new InputError(422, 'idat_not_contiguous', 'IDAT chunks must follow each other')
      }
      met.data.push({ start, end })
      break
    case IEND:
      if (met.data.length === 0) throw new InputError(422, 'missing_idat', 'there is no IDAT')
      if (end !== start) throw new InputError(422, 'bad_iend', `IEND must be empty, got ${end - start} bytes`)
      break
    default:
      if (!(type & ANCILLARY)) {
        throw new InputError(422, 'unknown_critical_chunk', 'there is a critical chunk of unknown type')
      }
  }
}

function checkPalette(met: Progress, { colour, depth }: Header, length: number): void {
  let wrong = ''
  const most = colour === INDEXED ? 1 << depth : 256
  if (colour === GREY || colour === GREY_ALPHA) wrong = 'a grey image must not have PLTE'
  else if (met.palette !== undefined) wrong = 'there must be one PLTE, got another'
  else if (met.data.length > 0) wrong = 'PLTE must come before IDAT'
  else if (length === 0 || length % 3 !== 0 || length / 3 > most) {
    wrong = `PLTE must have 1 to ${most} entries of 3 bytes, got ${length} bytes`
  }
  if (wrong) throw new InputError(422, 'bad_plte', wrong)
  if (met.transparency !== undefined) throw new InputError(422, 'bad_trns', 'tRNS must come after PLTE')
}

function checkTransparency(met: Progress, { colour, samples }: Header, length: number): void {
  let wrong = ''
  if (colour !== GREY && colour !== RGB && colour !== INDEXED) wrong = 'an image with alpha must not have tRNS'
  else if (met.transparency !== undefined) wrong = 'there must be one tRNS, got another'
  else if (met.data.length > 0) wrong = 'tRNS must come before IDAT'
  else if (colour === INDEXED) {
    const entries = (met.palette?.length ?? 0) / 3
    if (entries === 0) wrong = 'tRNS must come after PLTE'
    else if (length === 0 || length > entries) wrong = `tRNS must have 1 to ${entries} entries, got ${length}`
  } else if (length !== 2 * samples) wrong = `tRNS must have ${2 * samples} bytes, got ${length}`
  if (wrong) throw new InputError(422, 'bad_trns', wrong)
}

/** The bytes of all spans, one after the other; copied only where there are several. */
function join(file: Uint8Array, spans: readonly Span[]): Uint8Array {
  if (spans.length === 1) return file.subarray(spans[0].start, spans[0].end)
  const joined = new Uint8Array(spans.reduce((sum, { start, end }) => sum + end - start, 0))
  let to = 0
  for (const { start, end } of spans) {
    joined.set(file.subarray(start, end), to)
    to += end - start
  }
  return joined
}
