/** Data sets as input of models: every image and every pen drawing is preprocessed in the same way. */

import { basename } from 'node:path'
import { type Dataset, PIXELS, SIDE } from '../../core/data/dataset.ts'
import type { Raster } from '../../core/data/raster.ts'
import { InputError } from '../../core/errors.ts'
import type { DataSource } from '../../core/models/card.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { preprocess } from '../../core/preprocess.ts'
import { rasterizeStrokes } from '../../core/strokes.ts'
import { type GroupedImages, UNGROUPED } from '../../core/training/split.ts'
import { DataFileError } from './errors.ts'
import type { Split } from './find.ts'
import { loadDataset } from './load.ts'
import { findStrokes, strokeSource } from './stroke-sets.ts'
import { type PenDrawing, readStrokes } from './strokes.ts'
import { unpackedName } from './unpacked.ts'

export interface Digits {
  readonly images: GroupedImages // writers are numbered from 0, in order of appearance
  readonly data: readonly DataSource[] // one per set
}

/**
 * Loads a split of several data sets, one after the other.
 * @param names of sets below `dataDir`, or paths. Sets of pen strokes are drawn as the server draws `{"strokes"}`. A set may be
 * named several times to count more; its writers stay the same
 * @throws DataFileError as loadDataset and readStrokes; bad_repetition when a repeated set has no writers, because copies of an
 * image must not end up on both sides of a split
 */
export async function loadDigits(names: readonly string[], split: Split, dataDir: string): Promise<Digits> {
  const parts: GroupedImages[] = []
  const data: DataSource[] = []
  let writers = 0
  for (const [i, name] of names.entries()) {
    const first = parts[names.indexOf(name)]
    if (names.indexOf(name) < i) {
      if (!first.groups)
        throw new DataFileError('bad_repetition', `${name} is named twice, and its writers are not known`)
      parts.push(first)
      continue
    }
    const strokes = findStrokes(name, split, dataDir)
    if (strokes === undefined) {
      const { dataset, digest, source } = await loadDataset(name, split, dataDir)
      parts.push(preprocessDataset(dataset))
      data.push({ name: basename(name), source, files: digest })
    } else {
      const { content, sha256 } = await readStrokes(strokes)
      const drawn = preprocessDrawings(content, writers)
      writers += new Set(drawn.groups).size
      parts.push(drawn)
      data.push({ name: basename(name), source: strokeSource(strokes), files: { [unpackedName(strokes)]: sha256 } })
    }
  }
  return { images: concatenate(parts), data }
}

/** Preprocesses every image of a data set. `progress` is called with the number done after every 1,000 images. */
export function preprocessDataset(dataset: Dataset, progress: (done: number) => void = () => {}): LabelledImages {
  const raster = (i: number): Raster => {
    return { width: SIDE, height: SIDE, channels: 1, data: dataset.images.subarray(i * PIXELS, (i + 1) * PIXELS) }
  }
  return preprocessAll(raster, dataset.labels, progress)
}

/** Draws and preprocesses pen drawings. Their writers are numbered from `firstWriter` on, in order of appearance. */
export function preprocessDrawings(drawings: readonly PenDrawing[], firstWriter = 0): GroupedImages {
  const numbers = new Map<string, number>()
  for (const { writer } of drawings) if (!numbers.has(writer)) numbers.set(writer, firstWriter + numbers.size)
  const images = preprocessAll(
    (i) => rasterizeStrokes(drawings[i].strokes),
    Uint8Array.from(drawings, ({ label }) => label),
    () => {},
  )
  return { ...images, groups: Uint32Array.from(drawings, ({ writer }) => numbers.get(writer) ?? UNGROUPED) }
}

function preprocessAll(
  raster: (i: number) => Raster,
  labels: Uint8Array,
  progress: (done: number) => void,
): LabelledImages {
  const images = new Uint8Array(labels.length * PIXELS)
  const refused: number[] = []
  for (let i = 0; i < labels.length; i++) {
    try {
      images.set(preprocess(raster(i)), i * PIXELS)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused.push(i)
    }
    if ((i + 1) % 1000 === 0) progress(i + 1)
  }
  return { images, labels, count: labels.length, refused }
}

function concatenate(parts: readonly GroupedImages[]): GroupedImages {
  if (parts.length === 1) return parts[0]
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const [images, labels] = [new Uint8Array(count * PIXELS), new Uint8Array(count)]
  const groups = new Uint32Array(count).fill(UNGROUPED)
  const refused: number[] = []
  let from = 0
  for (const part of parts) {
    images.set(part.images, from * PIXELS)
    labels.set(part.labels, from)
    if (part.groups) groups.set(part.groups, from)
    for (const i of part.refused ?? []) refused.push(from + i)
    from += part.count
  }
  const grouped = parts.some((part) => part.groups)
  return { images, labels, count, refused, ...(grouped && { groups }) }
}
