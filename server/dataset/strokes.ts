/**
 * Pen drawings with label and writer, one JSON object per line:
 * `{"label": "8", "writer": "w01", "strokes": [[[x, y], ...], ...]}`.
 */

import { basename } from 'node:path'
import { TextDecoder } from 'node:util'
import { CLASSES, MAX_IMAGES, OTHER } from '../../core/data/dataset.ts'
import { DataError } from '../../core/data/errors.ts'
import type { Strokes } from '../../core/protocol.ts'
import { MAX_POINTS } from '../../core/strokes.ts'
import { namingFile } from './errors.ts'
import type { KeepDrawing } from './stroke-sets.ts'
import { readUnpacked, type Unpacked } from './unpacked.ts'

const LINE_LIMIT = 262_144 // bytes; 4,096 points of two doubles are 170 kB
const WRITER_LIMIT = 200 // characters
const [LF, CR] = [0x0a, 0x0d]

export interface PenDrawing {
  readonly label: number // 0..9, or OTHER
  readonly writer: string
  readonly strokes: Strokes // y down
}

/**
 * Every drawing of a file, in order.
 * @param others for a file without digits: which drawings to keep. Their labels are texts in the file, and OTHER in the result
 * @throws DataFileError naming file and line: line_too_long, not_text, bad_line, bad_label, bad_strokes, too_large, empty; and as
 *   readUnpacked
 */
export async function readStrokes(path: string, others?: KeepDrawing): Promise<Unpacked<PenDrawing[]>> {
  const drawings: PenDrawing[] = []
  const line = new Uint8Array(LINE_LIMIT)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [length, number] = [0, 1]
  const endLine = (): void => {
    const drawing = length > 0 ? parseLine(line.subarray(0, length), number, decoder, others) : undefined
    if (drawing) drawings.push(drawing)
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

/** The drawing of a line, or undefined where it is not to be kept. */
function parseLine(
  bytes: Uint8Array,
  number: number,
  decoder: TextDecoder,
  others: KeepDrawing | undefined,
): PenDrawing | undefined {
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
  const isDigit = typeof digit === 'number' && Number.isInteger(digit) && digit >= 0 && digit < CLASSES
  if (others ? isDigit || typeof label !== 'string' || label === '' : !isDigit)
    throw new DataError('bad_label', `line ${number}: expected ${others ? 'a text, no digit' : 'a label 0 to 9'}`)
  if (typeof writer !== 'string' || writer === '' || writer.length > WRITER_LIMIT)
    throw new DataError('bad_line', `line ${number}: expected a writer of 1 to ${WRITER_LIMIT} characters`)
  if (!isStrokes(strokes))
    throw new DataError('bad_strokes', `line ${number}: expected strokes of 1 to ${MAX_POINTS} points [x, y]`)
  if (others === undefined) return { label: digit as number, writer, strokes }
  return others(label as string, writer) ? { label: OTHER, writer, strokes } : undefined
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
