/** The frame of a JPEG: size and components of the image (T.81, B.2.2), checked before anything is allocated. */

import { checkSize, reduction } from '../picture/size.ts'
import { badJpeg, unsupportedJpeg } from './refusal.ts'

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
  3: 'of the lossless kind',
  5: 'of the hierarchical kind',
  6: 'of the hierarchical kind',
  7: 'of the hierarchical kind',
  9: 'with arithmetic coding',
  10: 'with arithmetic coding',
  11: 'with arithmetic coding',
  13: 'with arithmetic coding',
  14: 'with arithmetic coding',
  15: 'with arithmetic coding',
}

/**
 * Reads a segment SOF0 (baseline), SOF1 (extended) or SOF2 (progressive), data at file[at..end); other kinds are named.
 * @throws InputError 422 `unsupported_jpeg`, `bad_frame_header`, `bad_dimensions`, `image_too_small`; 413 `image_too_large`
 */
export function readFrameHeader(file: Uint8Array, marker: number, at: number, end: number): FrameHeader {
  const kind = UNSUPPORTED[marker & 15]
  if (kind !== undefined) throw unsupportedJpeg(kind)
  if (at + HEADER > end) throw badJpeg('bad_frame_header', 'the frame header is cut off')
  const depth = file[at]
  const height = readU16(file, at + 1)
  const width = readU16(file, at + 3)
  const count = file[at + 5]
  if (depth !== 8) throw unsupportedJpeg(`of ${depth} bits a sample`)
  if (count !== 1 && count !== 3 && count !== 4) throw unsupportedJpeg(`of ${count} components`)
  if (at + HEADER + COMPONENT * count !== end)
    throw badJpeg('bad_frame_header', `a frame header of ${count} components has another length`)
  if (width === 0) throw badJpeg('bad_dimensions', 'width must be 1 to 65535 px')
  if (height > 0) checkSize(width, height, reductionOf(width, height))
  const components: Component[] = []
  for (let k = at + HEADER; k < end; k += COMPONENT) {
    const [id, sampling, table] = file.subarray(k, k + COMPONENT)
    const [h, v] = [sampling >> 4, sampling & 15]
    if (h < 1 || h > 4 || v < 1 || v > 4)
      throw badJpeg('bad_frame_header', `sampling factors must be 1 to 4, got ${h} and ${v}`)
    if (table > 3) throw badJpeg('bad_frame_header', `quantisation tables are numbered 0 to 3, got ${table}`)
    if (components.some((component) => component.id === id))
      throw badJpeg('bad_frame_header', 'two components have the same identifier')
    components.push({ id, h, v, table })
  }
  return { progressive: marker === 0xc2, width, height, components }
}

/** The factor by which an image is reduced: as any picture, but 4 in place of 3, which does not divide a block. */
export function reductionOf(width: number, height: number): number {
  const factor = reduction(width, height)
  return factor === 3 ? 4 : factor
}

/** Big-endian u16 at bytes[at]. */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}
