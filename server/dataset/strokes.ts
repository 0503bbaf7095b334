/** Pen drawings of known label and writer, one JSON object per line: `{"label": "8", "writer": "w01", "strokes": [[[x, y], ...], ...]}`. */

import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TextDecoder } from 'node:util'
import { CLASSES, MAX_IMAGES } from '../../core/data/dataset.ts'
import { DataError } from '../../core/data/errors.ts'
import type { Strokes } from '../../core/protocol.ts'
import { MAX_POINTS } from '../../core/strokes.ts'
import { DataFileError, namingFile } from './errors.ts'
import type { Split } from './find.ts'
import { readUnpacked, type Unpacked, unpackedName } from './unpacked.ts'

const LINE_LIMIT = 262_144 // bytes; 4,096 points of two doubles are 170 kB
const WRITER_LIMIT = 200 // characters
const [LF, CR] = [0x0a, 0x0d]

export interface PenDrawing {
  readonly label: number // 0..9
  readonly writer: string
  readonly strokes: Strokes // y down
}

/** A set that is known by name. Its files lie in the folder `strokes`, as JSON lines, gzipped or not. */
export interface StrokeSet {
  readonly name: string
  readonly title: string
  readonly files: Partial<Record<Split, string>> // names without .gz
  readonly sha256: Readonly<Record<string, string>> // of the unpacked files
  readonly citation: string
  readonly licence: string
  readonly homepage: string
}

export const STROKE_FOLDER = 'strokes' // below the data directory

export const STROKE_SETS: readonly StrokeSet[] = [
  {
    name: 'pendigits',
    title: 'Pen-Based Recognition of Handwritten Digits; its test part is by other writers than its training part',
    files: { train: 'pendigits-train.jsonl', test: 'pendigits-test.jsonl' },
    sha256: {
      'pendigits-train.jsonl': '93014e9567cc9aecb28faf06abb85a84ad1ba293ae0d4846e8d4865d049e4d58',
      'pendigits-test.jsonl': '6c9b3a901efdbc3bb242b9d3dd9e99b93b8531c24c0410fc1d354ce7f91449b7',
    },
    citation:
      'Alpaydin, Alimoglu: Pen-Based Recognition of Handwritten Digits, UCI Machine Learning Repository, 1996, doi:10.24432/C5MG6K',
    licence: 'CC BY 4.0',
    homepage: 'https://archive.ics.uci.edu/dataset/81/pen+based+recognition+of+handwritten+digits',
  },
  {
    name: 'uji',
    title: 'UJI Pen Characters, the digits; a sample for measuring',
    files: { test: 'uji.jsonl' },
    sha256: { 'uji.jsonl': '683e6a85d6d0b3f3bd582c7671b6a493390fe37223727c87aac6f1fec4cf01ce' },
    citation: 'Llorens, Prat, Marzal, Vilar: UJI Pen Characters, UCI Machine Learning Repository, 2007',
    licence: 'CC BY 4.0',
    homepage: 'https://archive.ics.uci.edu/dataset/160/uji+pen+characters',
  },
]

/**
 * The file of a set of strokes, if it is one: by name, or a path that ends in .jsonl or .jsonl.gz.
 * @throws DataFileError not_found when the name or path is one of strokes, but there is no such file
 */
export function findStrokes(nameOrPath: string, split: Split, dataDir: string): string | undefined {
  const set = STROKE_SETS.find(({ name }) => name === nameOrPath)
  if (set === undefined) {
    if (!/\.jsonl(\.gz)?$/i.test(nameOrPath)) return undefined
    if (existsSync(nameOrPath) && statSync(nameOrPath).isFile()) return nameOrPath
    throw new DataFileError('not_found', `no ${nameOrPath}; a file of JSON lines is due`)
  }
  const file = set.files[split]
  if (file === undefined) throw new DataFileError('not_found', `${set.name} has no ${split} part`)
  const path = [file, `${file}.gz`].map((name) => join(dataDir, STROKE_FOLDER, name)).find((name) => existsSync(name))
  if (path !== undefined) return path
  const place = `${STROKE_FOLDER}/${file}.gz`
  throw new DataFileError(
    'not_found',
    `no ${place} in ${dataDir}; inkling dataset info ${set.name} tells where it is from`,
  )
}

/** Authors, year and licence of a set that is known, else the file's name. */
export function strokeSource(path: string): string {
  const name = unpackedName(path)
  const set = STROKE_SETS.find(({ files }) => Object.values(files).includes(name))
  return set ? `${set.citation}; ${set.licence}` : name
}

/**
 * Every drawing of a file, in its order.
 * @throws DataFileError naming file and line: line_too_long, not_text, bad_line, bad_label, bad_strokes, too_large, empty; and as
 *   readUnpacked
 */
export async function readStrokes(path: string): Promise<Unpacked<PenDrawing[]>> {
  const drawings: PenDrawing[] = []
  const line = new Uint8Array(LINE_LIMIT)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [length, number] = [0, 1]
  const endLine = (): void => {
    if (length > 0) drawings.push(parseLine(line.subarray(0, length), number, decoder))
    if (drawings.length > MAX_IMAGES) throw new DataError('too_large', `more than ${MAX_IMAGES} drawings`)
    length = 0
  }
  const sha256 = await readUnpacked(path, (chunk) => {
    for (const byte of chunk) {
      if (byte === LF) {
        endLine()
        number++
      } else if (byte !== CR) {
        if (length === LINE_LIMIT) throw new DataError('line_too_long', `line ${number}: more than ${LINE_LIMIT} bytes`)
        line[length++] = byte
      }
    }
  })
  try {
    endLine()
    if (drawings.length === 0) throw new DataError('empty', 'holds no drawings')
  } catch (error) {
    throw namingFile(error, basename(path))
  }
  return { content: drawings, sha256 }
}

function parseLine(bytes: Uint8Array, number: number, decoder: TextDecoder): PenDrawing {
  let json: unknown
  try {
    json = JSON.parse(decoder.decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError('bad_line', `line ${number}: not JSON`)
    throw new DataError('not_text', `line ${number}: not UTF-8`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new DataError('bad_line', `line ${number}: expected an object`)
  const { label, writer, strokes } = json as Record<string, unknown>
  const digit = typeof label === 'string' && /^\d$/.test(label) ? Number(label) : label
  if (typeof digit !== 'number' || !Number.isInteger(digit) || digit < 0 || digit >= CLASSES)
    throw new DataError('bad_label', `line ${number}: expected a label 0 to 9`)
  if (typeof writer !== 'string' || writer === '' || writer.length > WRITER_LIMIT)
    throw new DataError('bad_line', `line ${number}: expected a writer of 1 to ${WRITER_LIMIT} characters`)
  if (!isStrokes(strokes))
    throw new DataError('bad_strokes', `line ${number}: expected strokes of 1 to ${MAX_POINTS} points [x, y]`)
  return { label: digit, writer, strokes }
}

function isStrokes(value: unknown): value is Strokes {
  if (!Array.isArray(value)) return false
  let points = 0
  for (const stroke of value) {
    if (!Array.isArray(stroke)) return false
    points += stroke.length
    for (const point of stroke) {
      if (!Array.isArray(point) || point.length !== 2) return false
      if (!(Number.isFinite(point[0]) && Number.isFinite(point[1]))) return false
    }
  }
  return points > 0 && points <= MAX_POINTS
}
