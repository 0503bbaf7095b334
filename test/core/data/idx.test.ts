import { describe, expect, it } from 'vitest'
import { DataError } from '../../../core/data/errors.ts'
import { parseIdx, parseIdxImages, parseIdxLabels } from '../../../core/data/idx.ts'

/** An IDX file: type and dimensions as announced, then whatever bytes are given. */
function idx(dimensions: number[], values: ArrayLike<number>, type = 0x08): Uint8Array {
  const header = [
    0,
    0,
    type,
    dimensions.length,
    ...dimensions.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
  ]
  return Uint8Array.from([...header, ...Array.from(values)])
}

function code(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof DataError) return error.code
    throw error
  }
  return 'accepted'
}

const pixels = Uint8Array.from({ length: 3 * 784 }, (_, i) => (i * 7) % 256)
const images = idx([3, 28, 28], pixels)
const labels = idx([3], [0, 9, 5])
const text = (words: string) => Uint8Array.from(words, (letter) => letter.charCodeAt(0))

describe('IDX files', () => {
  it('are read byte for byte, without a copy', () => {
    const { count, images: read } = parseIdxImages(images)
    expect(count).toBe(3)
    expect(read).toEqual(pixels)
    expect(read.buffer).toBe(images.buffer)
    expect(Array.from(parseIdxLabels(labels))).toEqual([0, 9, 5])
    expect(parseIdx(images, labels)).toEqual({ images: pixels, labels: Uint8Array.of(0, 9, 5), count: 3 })
  })

  it('become plain byte arrays from a Buffer, whose slice does not copy', () => {
    const { images: read } = parseIdxImages(Buffer.from(images))
    const copy = read.slice()
    copy.fill(1)
    expect(read).toEqual(pixels)
    expect(parseIdxLabels(Buffer.from(labels)).constructor).toBe(Uint8Array)
  })

  const html = text('<!DOCTYPE html><html><title>404</title></html>')
  const cases: [string, string, () => unknown][] = [
    ['labels where images are due', 'bad_magic', () => parseIdxImages(labels)],
    ['images where labels are due', 'bad_magic', () => parseIdxLabels(images)],
    ['first bytes not zero', 'bad_magic', () => parseIdxImages(Uint8Array.from(images, (b, i) => (i === 1 ? 1 : b)))],
    ['floats', 'bad_magic', () => parseIdxImages(idx([3, 28, 28], pixels, 0x0d))],
    ['little-endian', 'bad_magic', () => parseIdxImages(Uint8Array.of(3, 8, 0, 0, ...images.subarray(4)))],
    ['still gzipped', 'gzip_given', () => parseIdxImages(Uint8Array.of(0x1f, 0x8b, 8, 0, ...pixels))],
    ['a header of 3 bytes', 'truncated', () => parseIdxImages(images.subarray(0, 3))],
    ['no byte at all', 'truncated', () => parseIdxLabels(new Uint8Array())],
    ['a header of 15 bytes', 'truncated', () => parseIdxImages(images.subarray(0, 15))],
    ['half the bytes', 'truncated', () => parseIdxImages(images.subarray(0, 16 + 784))],
    ['one byte short', 'truncated', () => parseIdxLabels(labels.subarray(0, 10))],
    ['2^32 - 1 in every dimension', 'too_large', () => parseIdxImages(idx([0xffffffff, 0xffffffff, 0xffffffff], []))],
    ['2^32 - 1 labels', 'too_large', () => parseIdxLabels(idx([0xffffffff], []))],
    ['no images', 'empty', () => parseIdxImages(idx([0, 28, 28], []))],
    ['no labels', 'empty', () => parseIdxLabels(idx([0], []))],
    ['a byte after the last image', 'trailing_data', () => parseIdxImages(Uint8Array.of(...images, 0))],
    ['a byte after the last label', 'trailing_data', () => parseIdxLabels(Uint8Array.of(...labels, 0))],
    ['27x28', 'bad_dims', () => parseIdxImages(idx([3, 28, 27], pixels))],
    ['28x27', 'bad_dims', () => parseIdxImages(idx([3, 27, 28], pixels))],
    ['2 labels for 3 images', 'count_mismatch', () => parseIdx(images, idx([2], [1, 2]))],
    ['label 10', 'bad_label', () => parseIdxLabels(idx([2], [1, 10]))],
    ['an error page saved as images', 'bad_magic', () => parseIdxImages(html)],
    ['an error page saved as labels', 'bad_magic', () => parseIdxLabels(html)],
  ]
  it.each(cases)('%s: %s', (_, expected, run) => {
    expect(code(run)).toBe(expected)
  })

  it('have an error message for gzipped files and for error pages', () => {
    expect(() => parseIdxImages(Uint8Array.of(0x1f, 0x8b, 8, 0))).toThrow(/\.gz/)
    expect(() => parseIdxImages(html)).toThrow(/error page/)
  })
})
