/**
 * A strict JPEG decoder for untrusted files (ITU-T T.81; JFIF; Adobe's colours), made for what preprocessing needs: a large image is
 * reduced by 2 or 4 per side while it is decoded. All scans of a file are decoded side by side, a row of units at a time, so that
 * memory holds the coefficients of one row, not of the image, and work comes in small pieces.
 *
 * No library fits. With a photograph of 4032x3024 px, resident memory grew by 43 MB (codec-libjpeg-turbo-8bit, baseline) to 299 MB
 * (jpeg-js, progressive), and each decodes in one call of 150 to 1,060 ms; this decoder takes 10 MB and yields every few ms.
 */

import type { Raster } from '../data/raster.ts'
import { orient } from '../picture/orient.ts'
import { coloursOf, placeColours } from './colours.ts'
import { type Jpeg, readJpeg } from './file.ts'
import { reductionOf } from './frame.ts'
import { interpolateRow } from './interpolate.ts'
import { transformBlocks } from './inverse-dct.ts'
import { countUnits, layPlanes, type Plane, type Units } from './plane.ts'
import { badJpeg } from './refusal.ts'
import { beginScan, decodeUnitRow } from './scan.ts'

/** Work until the generator yields, in blocks and bytes read: a few ms. */
const PIECE = 32_768

/** Rows of pixels until the generator yields. */
const STRIP = 128

/** Most blocks that all scans may visit: 32 times those of the largest image. A few bytes can make a scan visit all of them. */
const MAX_VISITS = 25_165_824

/**
 * Decodes a baseline, extended or progressive JPEG with Huffman coding and 8 bits a sample: grey, YCbCr, RGB, CMYK or YCCK, to grey
 * or RGBA, upright as its EXIF data asks for. A side of more than 1,024 px is reduced by a factor of 2 or 4 to the means of boxes.
 * Embedded thumbnails, profiles and whatever follows the image are ignored. Memory beside `file`: the result (twice if it is turned),
 * as much again for its components, and less than 2 MB.
 * @param file begins with SOI
 * @returns in pieces of a few ms
 * @throws InputError 415 `not_png`, 413 `image_too_large`, else 422 with a code; nothing else.
 */
export function* decodeJpeg(file: Uint8Array): Generator<void, Raster> {
  const plain = new Uint8Array(file.buffer, file.byteOffset, file.byteLength) // a subclass would make the loops slower
  const jpeg = readJpeg(plain)
  if (plain.length > PIECE) yield
  const { frame } = jpeg
  const units = countUnits(frame)
  const factor = reductionOf(frame.width, frame.height)
  const planes = layPlanes(frame, units, jpeg.quantisations, factor)
  checkVisits(jpeg, planes, units)
  const tables = new Map()
  const scans = jpeg.scans.map((scan) => beginScan(plain, scan, planes, frame.progressive, tables))
  let work = 0
  for (let row = 0; row < units.rows; row++) {
    for (const { coefficients, extents } of planes) {
      coefficients.fill(0)
      extents.fill(0)
    }
    for (const scan of scans) work += decodeUnitRow(scan, row, units)
    for (const plane of planes) transformBlocks(plane, row)
    if (work < PIECE) continue
    work = 0
    yield
  }
  const raster = yield* placePixels(jpeg, planes, factor)
  for (const { samples } of planes) samples.buffer.transfer(0) // the garbage collector would keep them for dozens of images
  const upright = orient(raster, jpeg.orientation)
  if (upright !== raster) raster.data.buffer.transfer(0)
  return upright
}

/** A raster whose memory is its own. */
interface Pixels extends Raster {
  readonly data: Uint8Array<ArrayBuffer>
}

/** The pixels of all components together. */
function* placePixels(jpeg: Jpeg, planes: readonly Plane[], factor: number): Generator<void, Pixels> {
  const width = Math.ceil(jpeg.frame.width / factor)
  const height = Math.ceil(jpeg.frame.height / factor)
  const colours = coloursOf(jpeg)
  const channels = planes.length === 1 ? 1 : 4
  const data = new Uint8Array(width * height * channels)
  const lines = planes.map(() => new Uint8Array(width))
  for (let y = 0; y < height; y++) {
    if (y % STRIP === STRIP - 1) yield
    for (let k = 0; k < planes.length; k++) interpolateRow(lines[k], planes[k], y)
    if (channels === 1) data.set(lines[0], y * width)
    else placeColours(data, y * width * channels, lines, colours)
  }
  return { width, height, channels, data }
}

/** @throws InputError 422 `too_many_scans` */
function checkVisits({ scans }: Jpeg, planes: readonly Plane[], units: Units): void {
  let visits = 0
  for (const { parts } of scans) {
    for (const { index } of parts) visits += planes[index].stride * planes[index].v * units.rows
  }
  if (visits <= MAX_VISITS) return
  const most = `at most ${MAX_VISITS} visits of blocks are accepted`
  throw badJpeg('too_many_scans', `${scans.length} scans visit ${visits} blocks, ${most}`)
}
