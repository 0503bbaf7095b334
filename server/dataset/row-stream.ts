/** Rows of a CSV file or of IDX images, one by one while the file is read: it may be larger than the memory. */

import { basename } from 'node:path'
import { CsvReader } from '../../core/data/csv.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { DataError } from '../../core/data/errors.ts'
import { IDX_HEADER, parseIdxHeader } from '../../core/data/idx.ts'
import { findOrientation, transpose } from '../../core/data/orientation.ts'
import { DataFileError } from './errors.ts'
import { labelsBeside } from './find.ts'
import { readIdx } from './unpacked.ts'

/** Rows that are held back until it is known how the images are stored: as many as `findOrientation` looks at. */
const HELD = 2_000

export interface Row {
  readonly number: number // from 1, without a header
  readonly label: number | undefined // 0..9
  readonly pixels: Uint8Array // [784]
}

export type RowFormat = 'csv' | 'idx'

/**
 * The format of a file of rows by its first bytes; undefined where they are those of something else.
 * @param name whose ending .csv or .csv.gz decides
 */
export function rowFormat(head: Uint8Array, name: string): RowFormat | undefined {
  if (head[0] === 0 && head[1] === 0 && head[2] === 8) return 'idx'
  if (/\.csv(\.gz)?$/i.test(name)) return 'csv'
  const text = Buffer.from(head).toString('latin1')
  return /^(\xef\xbb\xbf)?[\w\s"'.,+-]*$/.test(text) && text.includes(',') ? 'csv' : undefined
}

/**
 * Reads the rows. Those before a bad one come before its error.
 * @param labels of IDX images, if there are any
 * @throws DataError as CsvReader and parseIdxHeader, truncated, trailing_data, count_mismatch
 */
export function readRows(
  chunks: AsyncIterable<Uint8Array>,
  format: RowFormat,
  labels?: Uint8Array,
): AsyncGenerator<Row, void> {
  return format === 'csv' ? readCsvRows(chunks) : readIdxRows(chunks, labels)
}

async function* readCsvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row, void> {
  const rows: Row[] = []
  let count = 0
  const reader = new CsvReader(
    (label, pixels) => {
      rows.push({ number: ++count, label, pixels: new Uint8Array(pixels) })
    },
    { unlabelled: true },
  )
  async function* after(work: () => void): AsyncGenerator<Row, void> {
    let failure: unknown
    try {
      work()
    } catch (error) {
      failure = error
    }
    yield* rows.splice(0)
    if (failure !== undefined) throw failure
  }
  for await (const chunk of chunks) yield* after(() => reader.push(chunk))
  yield* after(() => reader.end())
}

async function* readIdxRows(chunks: AsyncIterable<Uint8Array>, labels?: Uint8Array): AsyncGenerator<Row, void> {
  let rest: Uint8Array = new Uint8Array(0)
  let announced: number | undefined
  let number = 0
  for await (const chunk of chunks) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    if (announced === undefined) {
      if (rest.length < IDX_HEADER.images) continue
      announced = parseIdxHeader(rest, 'images').count
      if (labels && labels.length !== announced) {
        throw new DataError('count_mismatch', `${announced} images, and ${labels.length} labels beside them`)
      }
      rest = rest.subarray(IDX_HEADER.images)
    }
    for (; rest.length >= PIXELS && number < announced; rest = rest.subarray(PIXELS)) {
      yield { number: ++number, label: labels?.[number - 1], pixels: new Uint8Array(rest.subarray(0, PIXELS)) }
    }
    if (number === announced && rest.length > 0) {
      throw new DataError('trailing_data', `more than the ${announced} images it announces`)
    }
  }
  announced ??= parseIdxHeader(rest, 'images').count
  if (number < announced) throw new DataError('truncated', `announces ${announced} images and holds ${number}`)
}

/**
 * The labels in the file beside a file of IDX images; undefined where there is none.
 * @throws DataFileError as readIdx
 */
export async function readLabelsBeside(images: string): Promise<Uint8Array | undefined> {
  try {
    if (!/image/i.test(basename(images))) return undefined
    const { content } = await readIdx(labelsBeside(images), 'labels')
    return content.subarray(IDX_HEADER.labels)
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return undefined
    throw error
  }
}

/**
 * Turns images upright that are stored transposed, as EMNIST's are. That shows from 100 rows with labels on; others stay as they are.
 * The first 2,000 rows with labels are held back for it.
 */
export async function* uprightRows(rows: AsyncIterable<Row>): AsyncGenerator<Row, void> {
  const held: Row[] = []
  let transposed: boolean | undefined
  const upright = (row: Row): Row => {
    if (transposed) transpose(row.pixels)
    return row
  }
  let failure: unknown
  try {
    for await (const row of rows) {
      if (row.label === undefined || transposed !== undefined) {
        yield upright(row)
        continue
      }
      held.push(row)
      if (held.length < HELD) continue
      transposed = areTransposed(held)
      for (const one of held.splice(0)) yield upright(one)
    }
  } catch (error) {
    failure = error
  }
  transposed ??= areTransposed(held)
  for (const row of held) yield upright(row)
  if (failure !== undefined) throw failure
}

function areTransposed(rows: readonly Row[]): boolean {
  const images = new Uint8Array(rows.length * PIXELS)
  for (const [k, { pixels }] of rows.entries()) images.set(pixels, k * PIXELS)
  const labels = Uint8Array.from(rows, ({ label }) => label as number)
  return rows.length > 0 && findOrientation({ images, labels, count: rows.length }).stored === 'transposed'
}
