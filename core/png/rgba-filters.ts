/**
 * Undoing the row filters where a pixel is four bytes, as a canvas writes them: all four at once in one 32-bit word. The rest
 * goes through filters.ts, to the same bytes.
 */

import { InputError } from '../errors.ts'

const NONE = 0
const SUB = 1
const UP = 2
const AVERAGE = 3
const PAETH = 4

/** Words are read as this machine has them; which of their bytes is which does not matter here. */
const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The seven low bits of each byte, and the high ones. */
const LOW = 0x7f7f7f7f
const HIGH = 0x8080_8080 | 0

/**
 * Unfilters `rows` rows of `width` pixels, each row with its filter byte in front, and closes the gaps that these leave: the
 * result lies at the beginning of `data`, which is overwritten. Where a row goes to is always before where it comes from.
 * @throws InputError 422 `bad_filter`.
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
        throw new InputError(422, 'bad_filter', `filter types are 0 to 4, got ${filter}`)
    }
  }
  return data.subarray(0, rows * bytes)
}

/** Here and below: one row of `width` pixels, from raw at `from` to words[to..]; the row above ends where it begins. */
function sub(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  let left = 0
  for (let i = 0; i < width; i++) {
    left = add(left, raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
  }
}

/** Most rows of a drawing are as the one above from end to end, or up to the ink: that much is copied. */
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

/** Drawings are flat: where corner equals above, or left, the prediction is known without weighing. */
function paeth(raw: DataView, from: number, words: Int32Array, to: number, width: number): void {
  const above = to - width
  let left = 0
  let corner = 0
  for (let i = 0; i < width; i++) {
    const b = words[above + i]
    if (b !== corner) left = left === corner ? b : predictQuad(left, b, corner)
    left = add(left, raw.getInt32(from + 4 * i, LITTLE))
    words[to + i] = left
    corner = b
  }
}

/** Byte by byte; each wraps at 256 for itself. */
function add(a: number, b: number): number {
  return ((a & LOW) + (b & LOW)) ^ ((a ^ b) & HIGH)
}

/** Byte by byte; where alpha and a grey's colours are flat there is nothing to weigh here either. */
function predictQuad(left: number, above: number, corner: number): number {
  let all = 0
  for (let shift = 0; shift < 32; shift += 8) {
    const a = (left >>> shift) & 0xff
    const b = (above >>> shift) & 0xff
    const c = (corner >>> shift) & 0xff
    all |= (b === c ? a : a === c ? b : predict(a, b, c)) << shift
  }
  return all
}

/** Of left, above and corner, the one nearest to left + above - corner; ties go in this order. */
function predict(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner
}
