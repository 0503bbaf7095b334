/**
 * Tensors as CSV, for spreadsheets and for programs that read nothing else. All cells are numbers and there is no header, so there is
 * no text that a spreadsheet could take for a formula.
 */

import { cellNumber } from '../data/csv-cells.ts'
import { WeightsError } from './errors.ts'
import { type Dtype, dtypeOf, INTEGER_RANGE, newTensorArray, type TensorArray, type TensorSpec } from './tensor.ts'

const [TAB, LF, CR, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c]
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i

// Characters of a cell, at most, and one for the separator.
const LONGEST: Readonly<Record<Dtype, number>> = {
  F32: '-340000000000000000000'.length + 1,
  U8: '255'.length + 1,
  I8: '-128'.length + 1,
  U16: '65535'.length + 1,
  I16: '-32768'.length + 1,
  I32: '-2147483648'.length + 1,
}
const MAX_DIGITS = 9 // distinguish any two f32
const USUAL_DIGITS = 7 // where the search begins: most weights take 7 to 9
const POWERS = Array.from({ length: 23 }, (_, places) => Number(`1e${places}`)) // powers of ten that are exact in f64

/** The shortest decimal that rounds back to the same f32, e.g. 0.1 for f32(0.1). */
export function shortestDecimal(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const leading = leadingPlace(Math.abs(value))
  let [digits, found] = [USUAL_DIGITS, rounded(value, USUAL_DIGITS, leading)]
  while (Math.fround(found) !== value && digits < MAX_DIGITS) found = rounded(value, ++digits, leading)
  // fewer digits are farther from the value, so the first failure ends the search
  for (let fewer = digits - 1; fewer > 0 && digits <= USUAL_DIGITS; fewer--) {
    const decimal = rounded(value, fewer, leading)
    if (Math.fround(decimal) !== value) break
    found = decimal
  }
  return String(found)
}

// Position of the first digit after the point: 1 for 0.1 to 1, 0 for 1 and more, 23 below all POWERS.
function leadingPlace(magnitude: number): number {
  let place = 0
  while (place < 23 && magnitude * POWERS[place] < 1) place++
  return place
}

// Rounds to this many digits. The quotient of an integer below 2^53 and one of POWERS is rounded once, as in reading (Clinger 1990).
function rounded(value: number, digits: number, leading: number): number {
  const places = leading + digits - 1
  if (Math.abs(value) >= 10 || places > 22) return Number(value.toPrecision(digits))
  return Math.round(value * POWERS[places]) / POWERS[places]
}

/**
 * A row-major matrix as CSV, one row per line, no header; every f32 in its shortest decimal. Written as bytes: a forest is 30 MB of
 * text, and many times that as a string.
 */
export function matrixToCsv(values: TensorArray, columns: number): Uint8Array<ArrayBuffer> {
  const dtype = dtypeOf(values)
  const write = dtype === 'F32' ? shortestDecimal : String
  const text = new Uint8Array(values.length * LONGEST[dtype]) // mostly longer than the result
  let at = 0
  for (let i = 0; i < values.length; i++) {
    const cell = write(values[i])
    for (let k = 0; k < cell.length; k++) text[at++] = cell.charCodeAt(k)
    text[at++] = (i + 1) % columns === 0 ? LF : COMMA
  }
  return text.subarray(0, at)
}

/** A tensor as CSV: the last axis is the columns, all others are rows. */
export function tensorToCsv(values: TensorArray, { shape }: TensorSpec): Uint8Array<ArrayBuffer> {
  return matrixToCsv(values, shape[shape.length - 1] ?? 1)
}

/**
 * Reads what `tensorToCsv` writes, and what other programs make of it: LF, CR LF or CR, a byte order mark, blanks, quotes and
 * empty lines. A vector may be one line or one column.
 * @throws WeightsError not_text, bad_shape, bad_number, not_finite, naming line and column
 */
export function csvToTensor(file: Uint8Array, tensor: TensorSpec): TensorArray {
  const { name, shape, length } = tensor
  const width = shape[shape.length - 1] ?? 1
  const values = newTensorArray(tensor)
  const marked = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf // UTF-8 byte order mark
  let start = marked ? 3 : 0 // of the current cell
  let [line, columns, rows, count] = [1, 0, 0, 0]
  for (let at = start; at <= file.length; at++) {
    const byte = at < file.length ? file[at] : LF
    if (byte === 0) throw new WeightsError('not_text', `${name}: line ${line} holds a zero byte: no text, or UTF-16`)
    if (byte !== COMMA && byte !== LF && byte !== CR) continue
    const [from, to] = trimmed(file, start, at)
    start = at + 1
    if (byte === COMMA || columns > 0 || from < to) {
      columns++
      if (columns <= width && count < length) values[count] = cellValue(file, from, to, tensor, line, columns)
      count++
    }
    if (byte === COMMA) continue
    if (columns > 0) {
      rows++
      if (columns !== width && !(shape.length === 1 && columns === 1)) {
        throw new WeightsError('bad_shape', `${name}: line ${line} has ${columns} columns, ${width} expected`)
      }
    }
    columns = 0
    if (byte === LF || file[at + 1] !== LF) line++
  }
  if (count !== length) {
    throw new WeightsError('bad_shape', `${name}: ${rows} rows, ${length / width} rows of ${width} columns expected`)
  }
  return values
}

// Start and end of a cell without blanks and a pair of quotes around it.
function trimmed(file: Uint8Array, start: number, end: number): readonly [number, number] {
  let [from, to] = [start, end]
  const blank = (at: number) => file[at] === SPACE || file[at] === TAB
  while (from < to && blank(from)) from++
  while (from < to && blank(to - 1)) to--
  return to - from >= 2 && file[from] === QUOTE && file[to - 1] === QUOTE ? [from + 1, to - 1] : [from, to]
}

function cellValue(file: Uint8Array, from: number, to: number, tensor: TensorSpec, line: number, column: number) {
  const { name, dtype = 'F32' } = tensor
  const value = cellNumber(file, from, to)
  const place = `${name}: line ${line}, column ${column}`
  if (dtype !== 'F32') {
    const [least, most] = INTEGER_RANGE[dtype]
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new WeightsError('bad_number', `${place}: a whole number from ${least} to ${most} expected`)
  }
  if (Number.isFinite(Math.fround(value))) return value
  const spelt = to - from <= 9 && NOT_FINITE.test(String.fromCharCode(...file.subarray(from, to)))
  if (spelt || !Number.isNaN(value)) throw new WeightsError('not_finite', `${place}: a finite number expected`)
  throw new WeightsError('bad_number', `${place}: a decimal number expected`)
}
