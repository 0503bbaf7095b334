/**
 * The chunks of a PNG datastream. Length, type, CRC and order of every chunk are checked, and the data that decoding needs is
 * extracted. Nothing is inflated here, and other chunks (gamma, profiles, text, animation) are not parsed.
 */

import { InputError } from '../errors.ts'
import { foreignFile } from '../picture/foreign.ts'
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
const EXIF = 0x65584966
const CGBI = 0x43674249 // first chunk of Apple's variant, which is no PNG: without zlib's header, and in BGRA

const CR = 0x0d
const LF = 0x0a

/** Bit of chunks that a decoder may skip: their first letter is lower case. */
const ANCILLARY = 0x2000_0000

/** Bytes of a chunk before its data (length and type) and after it (CRC). */
const BEFORE_DATA = 8
const AFTER_DATA = 4

/** The data that decoding needs. All arrays may be views into the file. */
export interface Datastream {
  readonly header: Header
  readonly palette: Uint8Array | undefined // 3 bytes per entry; used for INDEXED only
  readonly transparency: Uint8Array | undefined // tRNS: an alpha per entry, or one colour in 16-bit samples
  readonly exif: Uint8Array | undefined // a TIFF file, not checked
  readonly parts: readonly Uint8Array[] // data of all IDAT chunks
}

/** The chunks read so far. */
interface ChunksRead {
  header: Header | undefined
  palette: Uint8Array | undefined
  transparency: Uint8Array | undefined
  exif: Uint8Array | undefined
  readonly data: Uint8Array[] // of the IDAT chunks
  previous: number // type of the chunk before; 0 at the start
}

/**
 * Reads a whole file. Refuses everything the specification calls an error, and bytes after IEND except one line end and zeros.
 * @throws InputError with one code for each kind of error; those of `readHeader` too
 */
export function readDatastream(file: Uint8Array, limits: PngLimits): Datastream {
  checkSignature(file)
  const read: ChunksRead = {
    header: undefined,
    palette: undefined,
    transparency: undefined,
    exif: undefined,
    data: [],
    previous: 0,
  }
  let chunks = 0
  let ancillary = 0
  let at = SIGNATURE.length
  while (read.previous !== IEND) {
    const type = readType(file, at)
    if (chunks === 0 && type === CGBI) throw foreignFile(file)
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
    if (type === IHDR) read.header = readHeader(file, start, limits)
    else readChunk(read, read.header as Header, type, file.subarray(start, end))
    read.previous = type
    at = end + AFTER_DATA
  }
  checkEnd(file, at)
  return {
    header: read.header as Header,
    palette: read.palette,
    transparency: read.transparency,
    exif: read.exif,
    parts: read.data,
  }
}

/** Behind IEND, editors and mail leave one line end, and disks and cards fill up with zeros. Anything else may be another file. */
function checkEnd(file: Uint8Array, end: number): void {
  const after = file.subarray(end)
  const lineEnd = after[0] === LF ? 1 : after[0] === CR && after[1] === LF ? 2 : 0
  if (after.every((byte, i) => i < lineEnd || byte === 0)) return
  const expected = 'the file must end with IEND, and one line end or zeros at most'
  throw new InputError(422, 'trailing_data', `${expected}, got ${after.length} bytes more`)
}

function truncated(): InputError {
  return new InputError(422, 'truncated', 'the file ends before its IEND chunk')
}

function checkSignature(file: Uint8Array): void {
  if (file.length === 0) throw new InputError(400, 'empty_body', 'expected a PNG, got nothing')
  if (SIGNATURE.some((byte, i) => i < file.length && file[i] !== byte)) {
    throw foreignFile(file)
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

/** Checks a chunk that is not IHDR and stores what is needed of it. */
function readChunk(read: ChunksRead, header: Header, type: number, data: Uint8Array): void {
  switch (type) {
    case PLTE:
      checkPalette(read, header, data.length)
      read.palette = data
      break
    case TRNS:
      checkTransparency(read, header, data.length)
      read.transparency = data
      break
    case IDAT:
      if (header.colour === INDEXED && read.palette === undefined) {
        throw new InputError(422, 'missing_plte', 'a palette image needs PLTE before its first IDAT')
      }
      if (read.data.length > 0 && read.previous !== IDAT) {
        throw new InputError(422, 'idat_not_contiguous', 'IDAT chunks must follow each other')
      }
      read.data.push(data)
      break
    case EXIF:
      read.exif ??= data
      break
    case IEND:
      if (read.data.length === 0) throw new InputError(422, 'missing_idat', 'there is no IDAT')
      if (data.length > 0) throw new InputError(422, 'bad_iend', `IEND must be empty, got ${data.length} bytes`)
      break
    default:
      if (!(type & ANCILLARY)) {
        throw new InputError(422, 'unknown_critical_chunk', 'there is a critical chunk of unknown type')
      }
  }
}

function checkPalette(read: ChunksRead, { colour, depth }: Header, length: number): void {
  let wrong = ''
  const most = colour === INDEXED ? 1 << depth : 256
  if (colour === GREY || colour === GREY_ALPHA) wrong = 'a grey image must not have PLTE'
  else if (read.palette !== undefined) wrong = 'there must be one PLTE, got another'
  else if (read.data.length > 0) wrong = 'PLTE must come before IDAT'
  else if (length === 0 || length % 3 !== 0 || length / 3 > most) {
    wrong = `PLTE must have 1 to ${most} entries of 3 bytes, got ${length} bytes`
  }
  if (wrong) throw new InputError(422, 'bad_plte', wrong)
  if (read.transparency !== undefined) throw new InputError(422, 'bad_trns', 'tRNS must come after PLTE')
}

function checkTransparency(read: ChunksRead, { colour, samples }: Header, length: number): void {
  let wrong = ''
  if (colour !== GREY && colour !== RGB && colour !== INDEXED) wrong = 'an image with alpha must not have tRNS'
  else if (read.transparency !== undefined) wrong = 'there must be one tRNS, got another'
  else if (read.data.length > 0) wrong = 'tRNS must come before IDAT'
  else if (colour === INDEXED) {
    const entries = (read.palette?.length ?? 0) / 3
    if (entries === 0) wrong = 'tRNS must come after PLTE'
    else if (length === 0 || length > entries) wrong = `tRNS must have 1 to ${entries} entries, got ${length}`
  } else if (length !== 2 * samples) wrong = `tRNS must have ${2 * samples} bytes, got ${length}`
  if (wrong) throw new InputError(422, 'bad_trns', wrong)
}
