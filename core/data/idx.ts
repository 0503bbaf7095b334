/**
 * IDX, the format of MNIST's own files (LeCun, Cortes, Burges 1998): two zero bytes, a type, the number of dimensions, each
 * dimension as a big-endian u32, then the values. Only two kinds are read: u8 images [count][28][28] and u8 labels [count].
 */

import type { Dataset } from './dataset.ts'
import { CLASSES, MAX_IMAGES, PIXELS, SIDE } from './dataset.ts'
import { DataError } from './errors.ts'

export type IdxKind = 'images' | 'labels'

/** Length of the header: magic, then one u32 per dimension. */
export const IDX_HEADER: Readonly<Record<IdxKind, number>> = { images: 16, labels: 8 } // bytes

const TYPE_U8 = 0x08
const DIMENSIONS: Readonly<Record<IdxKind, number>> = { images: 3, labels: 1 }

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

function refuseMagic(head: Uint8Array, kind: IdxKind): never {
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw new DataError('gzip_given', 'still gzip-compressed: unpack it, or let its name end in .gz')
  const expected = `expected IDX ${kind} (00 00 08 0${DIMENSIONS[kind]})`
  if (head[0] === 0x3c)
    throw new DataError('bad_magic', `${expected}, got text, perhaps the error page of a failed download`)
  if (head[3] === 0 && head[2] === 0 && head[1] === TYPE_U8)
    throw new DataError('bad_magic', `${expected}, got the bytes in reverse (little-endian) order`)
  if (head[0] === 0 && head[1] === 0 && head[2] !== TYPE_U8)
    throw new DataError('bad_magic', `${expected}, got another type than unsigned bytes`)
  if (head[0] === 0 && head[1] === 0) throw new DataError('bad_magic', `${expected}, got ${head[3]} dimensions`)
  throw new DataError('bad_magic', `${expected}, got something else`)
}

/**
 * Reads the header alone, so that a reader knows the size before it allocates.
 * @param head the first bytes of the unpacked file; 16 (images) or 8 (labels) are enough
 * @returns the number of images or labels, and the length of the whole file in bytes
 * @throws DataError gzip_given, bad_magic, truncated, empty, too_large, bad_dims
 */
export function parseIdxHeader(head: Uint8Array, kind: IdxKind): { count: number; length: number } {
  const right = head[0] === 0 && head[1] === 0 && head[2] === TYPE_U8 && head[3] === DIMENSIONS[kind]
  if (head.length >= 4 && !right) refuseMagic(head, kind)
  if (head.length < IDX_HEADER[kind])
    throw new DataError('truncated', `expected a header of ${IDX_HEADER[kind]} bytes, got ${head.length}`)
  const count = u32(head, 4)
  if (count === 0) throw new DataError('empty', `holds no ${kind}`)
  if (count > MAX_IMAGES)
    throw new DataError('too_large', `announces ${count} ${kind}, accepted are up to ${MAX_IMAGES}`)
  if (kind === 'labels') return { count, length: IDX_HEADER.labels + count }
  const [height, width] = [u32(head, 8), u32(head, 12)]
  if (height !== SIDE || width !== SIDE)
    throw new DataError('bad_dims', `expected images of ${SIDE}x${SIDE}, got ${width}x${height}`)
  return { count, length: IDX_HEADER.images + count * PIXELS }
}

/** The header of a file of unsigned bytes with this shape: [count, 28, 28] for images, [count] for labels. */
export function idxHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(4 + 4 * shape.length)
  head.set([0, 0, TYPE_U8, shape.length])
  const view = new DataView(head.buffer)
  for (const [k, length] of shape.entries()) view.setUint32(4 + 4 * k, length)
  return head
}

// A plain Uint8Array on the same memory: some subclasses, such as Node's Buffer, redefine slice to share instead of copy.
function view(bytes: Uint8Array, from: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, bytes.length - from)
}

function checkLength(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw new DataError('truncated', `expected ${length} bytes, got ${bytes.length}`)
  if (bytes.length > length)
    throw new DataError('trailing_data', `expected ${length} bytes, got ${bytes.length - length} more`)
}

/**
 * @param bytes a whole IDX image file, unpacked
 * @returns `images` [count][28][28], a view of `bytes`
 * @throws DataError as parseIdxHeader, trailing_data
 */
export function parseIdxImages(bytes: Uint8Array): { count: number; images: Uint8Array } {
  const { count, length } = parseIdxHeader(bytes, 'images')
  checkLength(bytes, length)
  return { count, images: view(bytes, IDX_HEADER.images) }
}

/**
 * @param bytes a whole IDX label file, unpacked
 * @returns [count] labels 0..9, a view of `bytes`
 * @throws DataError as parseIdxHeader, trailing_data, bad_label
 */
export function parseIdxLabels(bytes: Uint8Array): Uint8Array {
  checkLength(bytes, parseIdxHeader(bytes, 'labels').length)
  const labels = view(bytes, IDX_HEADER.labels)
  const wrong = labels.findIndex((label) => label >= CLASSES)
  if (wrong >= 0) throw new DataError('bad_label', `label ${wrong + 1} is ${labels[wrong]}, expected 0 to 9`)
  return labels
}

/**
 * Reads the two files of a data set; the result is a view of them.
 * @throws DataError as the two parsers, count_mismatch
 */
export function parseIdx(imageFile: Uint8Array, labelFile: Uint8Array): Dataset {
  const { count, images } = parseIdxImages(imageFile)
  const labels = parseIdxLabels(labelFile)
  if (labels.length !== count) throw new DataError('count_mismatch', `${count} images, but ${labels.length} labels`)
  return { images, labels, count }
}
