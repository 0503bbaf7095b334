/** One line of a CSV file, as bytes: the positions of its cells, and the number in a cell. */

const [TAB, SPACE, QUOTE, COMMA] = [0x09, 0x20, 0x22, 0x2c]
const [ZERO, NINE] = [0x30, 0x39]
const LONGEST_NUMBER = 40 // characters; programs write at most about 25

// What programs write: 7, 7.0, .5, 7.000000e+00. Number() would also accept 0x10, Infinity and ''.
const NUMBER = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** Cells of a line as byte positions; the arrays are reused from line to line. */
export interface Cells {
  readonly start: Int32Array // first byte of each cell, after blanks and quotes around it
  readonly end: Int32Array // one past its last byte
}

/**
 * Finds the cells between commas; a quoted cell may contain commas.
 * @returns the number of cells, which may be more than `cells` has room for
 */
export function splitCells(line: Uint8Array, length: number, cells: Cells): number {
  let count = 0
  let at = 0
  for (;;) {
    let from = at
    while (from < length && (line[from] === SPACE || line[from] === TAB)) from++
    const quoted = from < length && line[from] === QUOTE
    const close = quoted ? line.indexOf(QUOTE, from + 1) : -1
    at = quoted && close >= 0 && close < length ? close : from
    while (at < length && line[at] !== COMMA) at++
    let to = at
    while (to > from && (line[to - 1] === SPACE || line[to - 1] === TAB)) to--
    const stripped = quoted && close === to - 1
    if (count < cells.start.length) {
      cells.start[count] = stripped ? from + 1 : from
      cells.end[count] = stripped ? to - 1 : to
    }
    count++
    if (at >= length) return count
    at++
  }
}

/** The number in line[start, end): NaN if it is not a plain decimal number, infinite if it overflows. */
export function cellNumber(line: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length >= 1 && length <= 3) {
    let value = 0
    let at = start
    for (; at < end && line[at] >= ZERO && line[at] <= NINE; at++) value = value * 10 + line[at] - ZERO
    if (at === end) return value // almost every cell of a file with values 0..255
  }
  if (length < 1 || length > LONGEST_NUMBER) return Number.NaN
  const text = String.fromCharCode(...line.subarray(start, end))
  return NUMBER.test(text) ? Number(text) : Number.NaN
}
