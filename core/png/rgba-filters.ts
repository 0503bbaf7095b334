/**
 * Undoes the row filters where a pixel is four bytes, as a canvas writes them: all four at once, in one 32-bit word. Other pixels
 * go through filters.ts.
 */

import { AVERAGE, badFilter, NONE, PAETH, paethPredictor, SUB, UP } from './filters.ts'

/** The machine's byte order, in which words are read; the order of their bytes makes no difference here. */
const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The seven low bits of each byte, and the high bit. */
const LOW = 0x7f7f7f7f
const HIGH = 0x8080_8080 | 0

/**
 * Unfilters `rows` rows of `width` pixels, each after its filter byte, and removes the filter bytes. The result is written to the
 * beginning of `data`: the target of a row always lies before its source.
 * @returns view of the result, [rows][width][4]
 * @throws InputError 422 `bad_filter`
 */
export function unfilterRgba(data: Uint8Array, rows: number, width: number): Uint8Array {
  if (data.byteOffset % 4 !== 0) data = data.slice()
  const raw = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const words = new Int32Array(data.buffer, data.byteOffset, data.length >> 2)
  const bytes = 4 * width
  for (let y = 0; y < rows; y++) {
    const from = y * (1 + bytes) + 1
    const to = y * width // in words
    const filter = data[from - 1]
    switch (filter) {
      case NONE:
        data.copyWithin(4 * to, from, from + bytes)
        break
      case SUB:
        sub(raw, from, words, to, width)
        break
      case UP:
        if (y > 0) up(raw, from, words, to, width)
        else data.copyWithin(4 * to, from, from + bytes)
        break
      case AVERAGE:
        if (y > 0) average(raw, from, words, to, width)
        else averageFirst(raw, from, words, to, width)
        break
      case PAETH:
        if (y > 0) paeth(raw, from, words, to, width)
        else sub(raw, from, words, to, width)
        break
      default:
        throw badFilter(filter)
    }
  }
  return data.subarray(0, rows * bytes)
}

/** This and the next functions: one row of `width` pixels, from raw at `from` to words[to..]; the row above ends there. */
function sub(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  let left = 0
  for (let i = 0; i < width; i++) {
    left = add(left, raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
  }
}

/** Most rows of a drawing equal the row above, at least up to the ink: that part is copied. */
function up(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  const above = to - width
  let same = 0
  while (same < width && raw.getInt32(from + 4 * same, LITTLE) === 0) same++
  words.copyWithin(to, above, above + same)
  for (let i = same; i < width; i++) words[to + i] = add(words[above + i], raw.getInt32(from + 4 * i, LITTLE))
}

function average(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  const above = to - width
  let left = 0
  for (let i = 0; i < width; i++) {
    const b = words[above + i]
    left = add((left & b) + (((left ^ b) >>> 1) & LOW), raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
  }
}

function averageFirst(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  let left = 0
  for (let i = 0; i < width; i++) {
    left = add((left >>> 1) & LOW, raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
  }
}

/** Drawings are flat: where the corner equals above or left, the prediction needs no comparison. */
function paeth(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  const above = to - width
  let left = 0
  let corner = 0
  for (let i = 0; i < width; i++) {
    const b = words[above + i]
    if (b !== corner) left = left === corner ? b : predictBytes(left, b, corner)
    left = add(left, raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
    corner = b
  }
}

/** Sums of the four bytes; each wraps at 256. */
function add(a: number, b: number): number {
  return ((a & LOW) + (b & LOW)) ^ ((a ^ b) & HIGH)
}

/** Predictions of the four bytes; where a byte is flat it needs no comparison. */
function predictBytes(left: number, above: number, corner: number): number {
  let all = 0
  for (let shift = 0; shift < 32; shift += 8) {
    const a = (left >>> shift) & 0xff
    const b = (above >>> shift) & 0xff
    const c = (corner >>> shift) & 0xff
    all |= (b === c ? a : a === c ? b : paethPredictor(a, b, c)) << shift
  }
  return all
}
