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
import { type DrawnSet, readDrawings } from './drawings.ts'
import type { Split } from './find.ts'
import { loadDataset } from './load.ts'

export interface Digits {
  readonly images: GroupedImages // writers are numbered from 0, in order of appearance
  readonly data: readonly DataSource[] // one per set
}

/**
 * Loads a split of several data sets, one after the other.
 * @param names of sets below `dataDir`, of generated ones, or paths. Sets of pen strokes are drawn as the server draws
 * `{"strokes"}`. A set may be named several times to count more: its copies are known as such
 * @throws DataFileError as loadDataset and readDrawings
 */
export async function loadDigits(names: readonly string[], split: Split, dataDir: string): Promise<Digits> {
  const parts: GroupedImages[] = []
  const data: DataSource[] = []
  const writers = new Map<string, number>() // set and writer -> number
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) < i) {
      parts.push(parts[names.indexOf(name)])
      continue
    }
    const drawn = await readDrawings(name, split, dataDir)
    if (drawn === undefined) {
      const { dataset, digest, source } = await loadDataset(name, split, dataDir)
      parts.push(preprocessDataset(dataset))
      data.push({ name: basename(name), source, files: digest })
    } else {
      parts.push(preprocessDrawings(drawn, writers))
      data.push(drawn.data)
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

/** Draws and preprocesses drawings. Writers that are not in `writers` yet are added to it, numbered in order of appearance. */
function preprocessDrawings({ drawings, writersOf }: DrawnSet, writers: Map<string, number>): GroupedImages {
  const groups = Uint32Array.from(drawings, ({ writer }) => {
    const key = `${writersOf}\n${writer}`
    const number = writers.get(key) ?? writers.size
    writers.set(key, number)
    return number
  })
  const images = preprocessAll(
    (i) => rasterizeStrokes(drawings[i].strokes, drawings[i].pen),
    Uint8Array.from(drawings, ({ label }) => label),
    () => {},
  )
  return { ...images, groups }
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

/** One part after the other. A part that is there several times is one set, and its images are copies from the second time on. */
function concatenate(parts: readonly GroupedImages[]): GroupedImages {
  if (parts.length === 1) return parts[0]
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const [images, labels] = [new Uint8Array(count * PIXELS), new Uint8Array(count)]
  const groups = new Uint32Array(count).fill(UNGROUPED)
  const sets = new Uint8Array(count)
  const originals = Uint32Array.from({ length: count }, (_, i) => i)
  const starts = new Map<GroupedImages, number>()
  const refused: number[] = []
  let from = 0
  for (const part of parts) {
    const first = starts.get(part) ?? from
    images.set(part.images, from * PIXELS)
    labels.set(part.labels, from)
    if (part.groups) groups.set(part.groups, from)
    sets.fill(parts.indexOf(part), from, from + part.count)
    for (let i = 0; i < part.count; i++) originals[from + i] = first + i
    for (const i of part.refused ?? []) refused.push(from + i)
    starts.set(part, first)
    from += part.count
  }
  const grouped = parts.some((part) => part.groups)
  const repeated = starts.size < parts.length
  return { images, labels, count, refused, sets, ...(grouped && { groups }), ...(repeated && { originals }) }
}
