/** The frame of a JPEG: size and components of the image (T.81, B.2.2), checked before anything is allocated. */

import { InputError } from '../errors.ts'

/** Shortest side, longest side, and pixels in all: those of a PNG. */
const MIN_SIDE = 8 // px
const MAX_SIDE = 4096 // px
const MAX_PIXELS = 16_777_216

/** Side of a block, samples. */
export const BLOCK = 8

/** Bytes of a frame header before the components, and of each. */
const HEADER = 6
const COMPONENT = 3

/** One of the colours of an image. */
export interface Component {
  readonly id: number
  readonly h: number // 1..4, sampling factor: samples per row, relative to the other components'
  readonly v: number // 1..4, the same per column
  readonly table: number // 0..3, of its quantisation
}

export interface FrameHeader {
  readonly progressive: boolean
  readonly width: number // px
  readonly height: number // px; 0 if a DNL segment tells it
  readonly components: readonly Component[]
}

/** What the other kinds of frames are, by the lowest four bits of their marker. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  3: 'a lossless JPEG',
  5: 'a hierarchical JPEG',
  6: 'a hierarchical JPEG',
  7: 'a hierarchical JPEG',
  9: 'a JPEG with arithmetic coding',
  10: 'a JPEG with arithmetic coding',
  11: 'a JPEG with arithmetic coding',
  13: 'a JPEG with arithmetic coding',
  14: 'a JPEG with arithmetic coding',
  15: 'a JPEG with arithmetic coding',
}

/**
 * Reads a segment SOF0 (baseline), SOF1 (extended) or SOF2 (progressive), data at file[at..end); other kinds are named.
 * @throws InputError 422 `unsupported_jpeg`, `bad_frame_header`, `bad_dimensions`, `image_too_small`; 413 `image_too_large`
 */
export function readFrameHeader(file: Uint8Array, marker: number, at: number, end: number): FrameHeader {
  const kind = UNSUPPORTED[marker & 15]
  if (kind !== undefined) throw unsupported(kind)
  if (at + HEADER > end) throw badFrame('the frame header is cut off')
  const depth = file[at]
  const height = readU16(file, at + 1)
  const width = readU16(file, at + 3)
  const count = file[at + 5]
  if (depth !== 8) throw unsupported(`a JPEG of ${depth} bits a sample`)
  if (count !== 1 && count !== 3 && count !== 4) throw unsupported(`a JPEG of ${count} components`)
  if (at + HEADER + COMPONENT * count !== end)
    throw badFrame(`a frame header of ${count} components has another length`)
  if (width === 0) throw new InputError(422, 'bad_dimensions', 'width must be 1 to 65535 px')
  if (height > 0) checkSize(width, height)
  const components: Component[] = []
  for (let k = at + HEADER; k < end; k += COMPONENT) {
    const [id, sampling, table] = file.subarray(k, k + COMPONENT)
    const [h, v] = [sampling >> 4, sampling & 15]
    if (h < 1 || h > 4 || v < 1 || v > 4) throw badFrame(`sampling factors must be 1 to 4, got ${h} and ${v}`)
    if (table > 3) throw badFrame(`quantisation tables are numbered 0 to 3, got ${table}`)
    if (components.some((component) => component.id === id)) throw badFrame('two components have the same identifier')
    components.push({ id, h, v, table })
  }
  return { progressive: marker === 0xc2, width, height, components }
}

/** @throws InputError 422 `image_too_small`, 413 `image_too_large` */
export function checkSize(width: number, height: number): void {
  if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
    const most = `at most ${MAX_SIDE} px a side and ${MAX_PIXELS} px in all are accepted`
    throw new InputError(413, 'image_too_large', `image is ${width} x ${height} px, ${most}`)
  }
  if (Math.min(width, height) < MIN_SIDE) {
    const least = `at least ${MIN_SIDE} a side are needed`
    throw new InputError(422, 'image_too_small', `image is ${width} x ${height} px, ${least}`)
  }
}

/** The refusal of a kind of JPEG that hardly anything writes. */
export function unsupported(kind: string): InputError {
  return new InputError(422, 'unsupported_jpeg', `got ${kind}: save it as a usual JPEG or as PNG`)
}

function badFrame(detail: string): InputError {
  return new InputError(422, 'bad_frame_header', detail)
}

/** Big-endian u16 at bytes[at]. */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}
