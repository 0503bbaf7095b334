/**
 * The segments of a JPEG file (T.81, annex B): what decoding needs of each, and where the data of each scan lies. The whole file is
 * walked through before anything is decoded, so that all scans can be decoded side by side, and their number is known before the
 * work. Nothing after the end of the image is read: phones put further images there.
 */

import { InputError } from '../errors.ts'
import { orientationOf, UPRIGHT } from '../picture/exif.ts'
import { checkSize } from '../picture/size.ts'
import { type FrameHeader, readFrameHeader, readU16, reductionOf } from './frame.ts'
import { type HuffmanDefinition, readDefinition } from './huffman.ts'
import { readQuantisation } from './quantisation.ts'
import { badJpeg, cutOff, unsupportedJpeg } from './refusal.ts'
import { readScanHeader, type ScanHeader } from './scan-header.ts'

/** Most scans. Encoders write about ten, and 64 for each of three components are possible where coefficients come one at a time. */
const MAX_SCANS = 256

/** Second bytes of markers. */
const SOF0 = 0xc0
const DHT = 0xc4
const JPG = 0xc8
const DAC = 0xcc
const SOF15 = 0xcf
const RST0 = 0xd0
const RST7 = 0xd7
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DQT = 0xdb
const DNL = 0xdc
const DRI = 0xdd
const DHP = 0xde
const EXP = 0xdf
const APP0 = 0xe0
const APP1 = 0xe1
const APP14 = 0xee
const APP15 = 0xef
const JPG0 = 0xf0
const SOF55 = 0xf7
const JPG13 = 0xfd
const COM = 0xfe
const TEM = 0x01

/** Beginnings of application segments. */
const JFIF = [0x4a, 0x46, 0x49, 0x46, 0]
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]
const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65]
const ADOBE_LENGTH = 12 // bytes; the last one is the transform

export interface Jpeg {
  readonly frame: FrameHeader // with its height
  readonly scans: readonly ScanHeader[]
  readonly quantisations: readonly Uint16Array[] // by component, [64], row by row
  readonly jfif: boolean
  readonly transform: number | undefined // of colours, as Adobe's segment tells it
  readonly orientation: number // 1..8, as `orientationOf` returns it
}

/** The segments read so far. */
interface SegmentsRead {
  frame: FrameHeader | undefined
  readonly scans: ScanHeader[]
  readonly tables: (Uint16Array | undefined)[] // of quantisation, by number
  readonly quantisations: Uint16Array[]
  readonly dc: (HuffmanDefinition | undefined)[] // by number
  readonly ac: (HuffmanDefinition | undefined)[]
  restartInterval: number
  jfif: boolean
  transform: number | undefined
  orientation: number
}

/**
 * Reads a file that begins with SOI.
 * @throws InputError 415 `not_png` without a first segment, 413 `image_too_large`, else 422: `truncated`, `bad_marker`,
 *   `too_many_scans`, `missing_scan`, and those of the segments
 */
export function readJpeg(file: Uint8Array): Jpeg {
  const read: SegmentsRead = {
    frame: undefined,
    scans: [],
    tables: [],
    quantisations: [],
    dc: [],
    ac: [],
    restartInterval: 0,
    jfif: false,
    transform: undefined,
    orientation: UPRIGHT,
  }
  let at = 2
  for (;;) {
    const first = at === 2
    if (at < file.length && file[at] !== 0xff) throw first ? notJpeg() : badMarker('a segment must begin with a marker')
    while (at < file.length && file[at] === 0xff) at++ // fill bytes
    if (at >= file.length) throw cutOff('its EOI marker')
    const marker = file[at++]
    if (marker === EOI) break
    if (marker === SOI || marker === 0 || (marker >= RST0 && marker <= RST7)) {
      throw badMarker(`marker ${hex(marker)} is misplaced`)
    }
    if (marker === TEM) continue
    if (at + 2 > file.length) throw cutOff('its EOI marker')
    const end = at + readU16(file, at)
    if (end < at + 2) throw first ? notJpeg() : badMarker(`segment ${hex(marker)} is shorter than its length`)
    if (end > file.length) throw cutOff('its EOI marker')
    readSegment(read, file, marker, at + 2, end)
    at = marker === SOS ? endOfScan(file, end) : end
  }
  const { frame, scans, quantisations, jfif, transform, orientation } = read
  if (frame === undefined || scans.length === 0) throw badJpeg('missing_scan', 'it has no image data')
  if (frame.height === 0) throw badJpeg('bad_dimensions', 'height must be 1 to 65535 px')
  const missing = frame.components.findIndex((_, k) => quantisations[k] === undefined)
  if (missing >= 0) throw badJpeg('missing_scan', `there is no scan of component ${missing + 1}`)
  return { frame, scans, quantisations, jfif, transform, orientation }
}

function notJpeg(): InputError {
  return new InputError(415, 'not_png', 'expected a PNG or JPEG, got the first two bytes of a JPEG and something else')
}

function badMarker(detail: string): InputError {
  return badJpeg('bad_marker', detail)
}

function hex(marker: number): string {
  return `0xff${marker.toString(16).padStart(2, '0')}`
}

/** The position of the marker behind a scan's data, which begins at file[at]: any but restart markers. */
function endOfScan(file: Uint8Array, at: number): number {
  const last = file.length - 1
  for (; at < last; at++) {
    if (file[at] !== 0xff) continue
    const next = file[at + 1]
    if (next !== 0 && next !== 0xff && (next < RST0 || next > RST7)) return at
  }
  throw cutOff('its EOI marker')
}

/** Reads the data file[at..end) of a segment. */
function readSegment(read: SegmentsRead, file: Uint8Array, marker: number, at: number, end: number): void {
  if (marker === DHT) readHuffman(read, file, at, end)
  else if (marker === DQT) readQuantisation(read.tables, file, at, end)
  else if (marker === DAC) throw unsupportedJpeg('with arithmetic coding')
  else if (marker === DHP || marker === EXP) throw unsupportedJpeg('of the hierarchical kind')
  else if (marker === SOF55) throw unsupportedJpeg('of the kind JPEG-LS')
  else if (marker >= SOF0 && marker <= SOF15 && marker !== JPG) {
    if (read.frame !== undefined) throw badMarker('there must be one frame, got another')
    read.frame = readFrameHeader(file, marker, at, end)
  } else if (marker === SOS) readScan(read, file, at, end)
  else if (marker === DNL) readHeight(read, file, at, end)
  else if (marker === DRI) {
    if (end - at !== 2) throw badMarker(`DRI must have 2 bytes, got ${end - at}`)
    read.restartInterval = readU16(file, at)
  } else if (marker === APP0) read.jfif ||= beginsWith(file, at, end, JFIF)
  else if (marker === APP1) readExif(read, file, at, end)
  else if (marker === APP14) {
    if (end - at >= ADOBE_LENGTH && beginsWith(file, at, end, ADOBE)) read.transform = file[at + ADOBE_LENGTH - 1]
  } else if (!isIgnored(marker)) throw badMarker(`marker ${hex(marker)} is unknown`)
}

/** Other application segments, comments, and extensions of the format that old programs wrote. */
function isIgnored(marker: number): boolean {
  return (marker > APP0 && marker <= APP15) || (marker >= JPG0 && marker <= JPG13) || marker === COM || marker === JPG
}

function readHuffman({ dc, ac }: SegmentsRead, file: Uint8Array, at: number, end: number): void {
  while (at < end) {
    const kind = file[at] >> 4
    const number = file[at] & 15
    if (kind > 1 || number > 3) throw badJpeg('bad_huffman_table', 'Huffman tables are of class 0 or 1, number 0 to 3')
    const definition = readDefinition(file, at + 1, end)
    if (kind === 0) dc[number] = definition
    else ac[number] = definition
    at += 1 + definition.counts.length + definition.symbols.length
  }
}

function readScan(read: SegmentsRead, file: Uint8Array, at: number, end: number): void {
  if (read.frame === undefined) throw badMarker('a scan must follow the frame header')
  if (read.scans.length === MAX_SCANS) {
    throw badJpeg('too_many_scans', `at most ${MAX_SCANS} scans are accepted`)
  }
  const scan = readScanHeader(file, at, end, read.frame, read.dc, read.ac, read.restartInterval)
  for (const { index } of scan.parts) {
    if (read.quantisations[index] !== undefined) continue
    const table = read.tables[read.frame.components[index].table] // as it is now: later ones are for other components
    if (table === undefined) throw badJpeg('bad_quantisation_table', 'a quantisation table is missing')
    read.quantisations[index] = table
  }
  read.scans.push(scan)
}

/** Where the height was not known to whoever wrote the frame header, it follows the first scan. */
function readHeight(read: SegmentsRead, file: Uint8Array, at: number, end: number): void {
  if (end - at !== 2) throw badMarker(`DNL must have 2 bytes, got ${end - at}`)
  if (read.frame === undefined || read.frame.height > 0) return
  const { progressive, width, components } = read.frame
  const height = readU16(file, at)
  if (height > 0) checkSize(width, height, reductionOf(width, height))
  read.frame = { progressive, width, height, components }
}

function readExif(read: SegmentsRead, file: Uint8Array, at: number, end: number): void {
  if (read.orientation !== UPRIGHT || !beginsWith(file, at, end, EXIF)) return
  read.orientation = orientationOf(file.subarray(at + EXIF.length, end))
}

function beginsWith(file: Uint8Array, at: number, end: number, start: readonly number[]): boolean {
  return at + start.length <= end && start.every((byte, k) => file[at + k] === byte)
}
