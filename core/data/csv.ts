/** Reads CSV with a label and 784 pixels per line, 0..255 or 0..1, with or without a header, in chunks of any size. */

import { type Cells, cellNumber, splitCells } from './csv-cells.ts'
import type { Dataset } from './dataset.ts'
import { CLASSES, MAX_IMAGES, PIXELS } from './dataset.ts'
import { DataError } from './errors.ts'
import { Rows } from './rows.ts'

const COLUMNS = 1 + PIXELS
const LINE_LIMIT = 65_536 // bytes; 785 numbers of 25 characters are 20 kB
const RANGE_ROWS = 1_000 // rows after which the range is decided even if all values were 0 or 1
const [LF, CR] = [0x0a, 0x0d]

export interface CsvOptions {
  /** Whether lines may also be 784 pixels without a label; the first line decides for the file. */
  readonly unlabelled?: boolean
  /** Rows that the file may have; any number unless given. */
  readonly most?: number
}

/** Is handed a row: its label 0..9, if lines have one, and its 784 bytes, which are to be copied. */
export type TakeRow = (label: number | undefined, pixels: Uint8Array) => void

/**
 * Push the file's bytes chunk by chunk, then call `end`. Rows are handed on as they are read, but for the first ones as long as all
 * their values are 0 or 1, at most 1,000. Memory: one line and these. After a DataError the reader cannot be used.
 */
export class CsvReader {
  readonly #take: TakeRow
  readonly #options: CsvOptions
  readonly #line = new Uint8Array(LINE_LIMIT)
  #length = 0 // bytes of the current line so far
  #number = 1 // of the current line, from 1
  #afterReturn = false
  #first = true // no line with content yet
  readonly #cells: Cells = { start: new Int32Array(COLUMNS), end: new Int32Array(COLUMNS) }
  #columns = COLUMNS // of this file: 784 without labels
  readonly #pixels = new Uint8Array(PIXELS)
  #count = 0 // rows so far
  // The value of white in this file: 255, 1, or unknown as long as all values are 0 or 1; until then rows wait as they are.
  #white: 255 | 1 | undefined
  readonly #waiting = new Rows()

  constructor(take: TakeRow, options: CsvOptions = {}) {
    this.#take = take
    this.#options = options
  }

  /**
   * @param chunk the next bytes of the file; may end anywhere
   * @throws DataError not_text, gzip_given, line_too_long, bad_columns, bad_label, bad_pixel, range_mismatch, too_large
   */
  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      const second = this.#afterReturn && byte === LF // of a CR LF pair
      this.#afterReturn = byte === CR
      if (second) continue
      if (byte === LF || byte === CR) {
        this.#endLine()
        this.#number++
        continue
      }
      if (byte === 0) this.#refuseBinary()
      if (this.#length === LINE_LIMIT)
        throw new DataError('line_too_long', `line ${this.#number} is longer than ${LINE_LIMIT} bytes`)
      this.#line[this.#length++] = byte
    }
  }

  /**
   * Ends the file: the last rows are handed on. Can be called once.
   * @throws DataError as `push`, and empty
   */
  end(): void {
    this.#endLine()
    if (this.#count === 0) throw new DataError('empty', 'holds no rows')
    if (this.#white === undefined) this.#decide(1)
  }

  #refuseBinary(): never {
    if (this.#number === 1 && this.#line[0] === 0x1f && this.#line[1] === 0x8b)
      throw new DataError('gzip_given', 'still gzip-compressed: unpack it, or let its name end in .gz')
    throw new DataError('not_text', `line ${this.#number} holds a zero byte: UTF-16, or no text at all`)
  }

  #endLine(): void {
    let length = this.#length
    this.#length = 0
    if (this.#first && this.#line[0] === 0xef && this.#line[1] === 0xbb && this.#line[2] === 0xbf && length >= 3) {
      this.#line.copyWithin(0, 3, length) // UTF-8 byte order mark
      length -= 3
    }
    const count = splitCells(this.#line, length, this.#cells)
    if (count === 1 && this.#cells.start[0] === this.#cells.end[0]) return // blank
    if (this.#first && this.#options.unlabelled && count === PIXELS) this.#columns = PIXELS
    if (count !== this.#columns) throw this.#badColumns(count)
    const header = this.#first && this.#isHeader()
    this.#first = false
    if (!header) this.#endRow()
  }

  #badColumns(count: number): DataError {
    const expected = this.#first && this.#options.unlabelled ? `${PIXELS} or ${COLUMNS}` : this.#columns
    return new DataError('bad_columns', `line ${this.#number}: expected ${expected} columns, got ${count}`)
  }

  /** Column names, or the numbers 0..784 that some programs write there. A row with only a bad label is not a header. */
  #isHeader(): boolean {
    let [noPixel, counting] = [0, this.#value(0) === 0]
    for (let column = 1; column < this.#columns; column++) {
      const value = this.#value(column)
      if (!(value >= 0 && value <= 255)) noPixel++
      counting &&= value === column
    }
    return counting || (Number.isNaN(this.#value(0)) && noPixel > PIXELS / 2)
  }

  #value(column: number): number {
    return cellNumber(this.#line, this.#cells.start[column], this.#cells.end[column])
  }

  #endRow(): void {
    const { most = Infinity } = this.#options
    if (this.#count === most) throw new DataError('too_large', `more than ${most} rows`)
    const labels = this.#columns - PIXELS
    const label = labels === 0 ? undefined : this.#value(0)
    if (label !== undefined && !(Number.isInteger(label) && label >= 0 && label < CLASSES))
      throw new DataError('bad_label', `line ${this.#number}: expected a label 0 to 9`)
    for (let i = 0; i < PIXELS; i++) this.#pixels[i] = this.#pixel(this.#value(labels + i), i)
    this.#count++
    if (this.#white !== undefined) {
      this.#take(label, this.#pixels)
      return
    }
    this.#waiting.add(label ?? 0, this.#pixels)
    if (this.#count === RANGE_ROWS) this.#decide(1)
  }

  /** Pixel i, 0..783, as a byte: 0..255, or 0 or 1 as long as the range is unknown. */
  #pixel(value: number, i: number): number {
    const whole = Number.isInteger(value)
    if (!(value >= 0 && value <= 255) || (!whole && value > 1))
      throw new DataError('bad_pixel', `${this.#place(i)}: expected a whole number 0 to 255, or a number 0 to 1`)
    if (this.#white === undefined) {
      if (whole && value <= 1) return value
      this.#decide(whole ? 255 : 1, i)
    }
    if (this.#white === 255 && !whole)
      throw new DataError('range_mismatch', `${this.#place(i)}: a fraction, but the rows before hold 0 to 255`)
    if (this.#white === 1 && value > 1)
      throw new DataError('range_mismatch', `${this.#place(i)}: above 1, but the rows before hold 0 to 1`)
    return this.#white === 1 ? Math.round(value * 255) : value
  }

  // Hands on the rows that have waited for this; of the row that is being read, some pixels are there already.
  #decide(white: 255 | 1, pixelsOfRow = 0): void {
    this.#white = white
    const { images, labels, count } = this.#waiting.take()
    if (white === 1) {
      for (let i = 0; i < images.length; i++) images[i] *= 255
      for (let i = 0; i < pixelsOfRow; i++) this.#pixels[i] *= 255
    }
    for (let row = 0; row < count; row++) {
      const label = this.#columns === PIXELS ? undefined : labels[row]
      this.#take(label, images.subarray(row * PIXELS, (row + 1) * PIXELS))
    }
  }

  #place(i: number): string {
    return `line ${this.#number}, column ${i + 1 + this.#columns - PIXELS}`
  }
}

/** As CsvReader, of labelled rows alone, which are all kept. Memory: the rows, and at the end twice the rows while they are joined. */
export class CsvParser {
  readonly #rows = new Rows()
  readonly #reader = new CsvReader((label, pixels) => this.#rows.add(label as number, pixels), { most: MAX_IMAGES })

  /** @throws DataError as CsvReader, too_large */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk)
  }

  /**
   * Ends the file and returns all rows. Can be called once.
   * @throws DataError as CsvReader
   */
  end(): Dataset {
    this.#reader.end()
    return this.#rows.take()
  }
}

/**
 * Reads a whole CSV file.
 * @throws DataError as CsvParser
 */
export function parseCsv(bytes: Uint8Array): Dataset {
  const parser = new CsvParser()
  parser.push(bytes)
  return parser.end()
}
