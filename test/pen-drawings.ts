/** Pen drawings of known label: the stroke data sets in INKLING_DATA. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { PenDrawing } from '../server/dataset/strokes.ts'
import { dataFile } from './data-sets.ts'

/** Every drawing of a set, in file order. Only call it where the data sets are. */
export function penStrokes(name: 'pendigits-train' | 'pendigits-test' | 'uji'): PenDrawing[] {
  const lines = gunzipSync(readFileSync(dataFile('strokes', `${name}.jsonl.gz`)))
    .toString('utf8')
    .trim()
    .split('\n')
  return lines.map((line) => {
    const { label, writer, strokes } = JSON.parse(line)
    return { label: Number(label), writer, strokes }
  })
}
