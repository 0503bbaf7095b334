/** All corrections as files that other programs read. A few rows are read at a time, so many take no more memory than few. */

import { CLASSES, PIXELS, SIDE } from '../../core/data/dataset.ts'
import { idxHeader } from '../../core/data/idx.ts'
import { tensorToNpy } from '../../core/models/npy.ts'
import { createZip } from '../../core/models/zip.ts'
import type { CorrectionRows } from '../store/corrections.ts'
import { labelName } from './request.ts'

/** The formats, with media type and name of the file. All but png contain the digits only: their readers know no other label. */
export const EXPORTS = {
  csv: { type: 'text/csv; charset=utf-8', filename: 'corrections.csv' }, // label, then 784 pixels 0..255; no header
  idx: { type: 'application/zip', filename: 'corrections-idx.zip' }, // MNIST's own files
  npz: { type: 'application/zip', filename: 'corrections.npz' }, // images [n][28][28], labels [n], both u8
  png: { type: 'application/zip', filename: 'corrections-png.zip' }, // <label>/<id>.png as drawn, and corrections.csv
} as const

export type ExportName = keyof typeof EXPORTS

const BATCH = 64 // rows read at once
const COLUMNS = 'file,label,model,version,answer,confidence,use,owner,at'

/** Gives other work its turn. */
type Pause = () => Promise<void>
type Pieces = AsyncGenerator<Uint8Array, void>

/**
 * A file in pieces. A correction that is stored or deleted meanwhile may be in it or not.
 * @param pause is awaited between two pieces of work
 */
export async function* exportCorrections(rows: CorrectionRows, format: ExportName, pause: Pause): Pieces {
  const numbers = rows.numbers()
  if (format === 'csv') yield* csv(rows, numbers, pause)
  else if (format === 'png') yield* pictures(rows, numbers, pause)
  else yield* arrays(rows, numbers, pause, format)
}

async function* csv(rows: CorrectionRows, numbers: readonly number[], pause: Pause): Pieces {
  for await (const batch of batches(rows.inputs, numbers, pause)) {
    const lines = batch
      .filter(({ label }) => label < CLASSES)
      .map(({ label, input }) => `${label},${input.join(',')}\n`)
    yield Buffer.from(lines.join(''))
  }
}

// Their files begin with the number of rows, so all rows are read first: 785 bytes each.
async function* arrays(rows: CorrectionRows, numbers: readonly number[], pause: Pause, format: 'idx' | 'npz'): Pieces {
  const images = new Uint8Array(numbers.length * PIXELS)
  const labels = new Uint8Array(numbers.length)
  let count = 0
  for await (const batch of batches(rows.inputs, numbers, pause)) {
    for (const { label, input } of batch) {
      if (label >= CLASSES) continue
      images.set(input, count * PIXELS)
      labels[count++] = label
    }
  }
  const [inks, digits] = [images.subarray(0, count * PIXELS), labels.subarray(0, count)]
  const shape = [count, SIDE, SIDE]
  const archive = createZip()
  const files: readonly [string, readonly Uint8Array[]][] =
    format === 'idx'
      ? [
          ['images-idx3-ubyte', [idxHeader(shape), inks]],
          ['labels-idx1-ubyte', [idxHeader([count]), digits]],
        ]
      : [
          ['images.npy', [tensorToNpy(inks, { name: 'images', shape, length: inks.length, dtype: 'U8' })]],
          ['labels.npy', [tensorToNpy(digits, { name: 'labels', shape: [count], length: count, dtype: 'U8' })]],
        ]
  for (const [name, parts] of files) {
    yield archive.member(name, parts)
    yield* parts
  }
  yield archive.end()
}

async function* pictures(rows: CorrectionRows, numbers: readonly number[], pause: Pause): Pieces {
  const archive = createZip()
  const table = [COLUMNS]
  for await (const batch of batches(rows.whole, numbers, pause)) {
    for (const { id, label, png, model, version, answer, confidence, use, trusted, at } of batch) {
      const name = `${labelName(label)}/${id}.png`
      yield archive.member(name, [png])
      yield png
      const when = new Date(at).toISOString()
      table.push([name, labelName(label), model, version, answer, confidence, use, trusted, when].map(cell).join(','))
    }
  }
  const text = Buffer.from(`${table.join('\n')}\n`)
  yield archive.member('corrections.csv', [text])
  yield text
  yield archive.end()
}

async function* batches<Row>(
  read: (from: number, to: number) => Row[],
  numbers: readonly number[],
  pause: Pause,
): AsyncGenerator<Row[], void> {
  for (let at = 0; at < numbers.length; at += BATCH) {
    const last = numbers[Math.min(at + BATCH, numbers.length) - 1]
    yield read(numbers[at], last)
    await pause()
  }
}

// No cell begins like a formula, which a spreadsheet would run.
function cell(value: string | number): string {
  const text = String(value)
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
