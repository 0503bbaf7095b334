/** Loads a data set into memory, upright, with the digests of the files. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Dataset } from '../../core/data/dataset.ts'
import { parseIdx } from '../../core/data/idx.ts'
import { findOrientation, type Orientation, transpose } from '../../core/data/orientation.ts'
import { CATALOGUE } from './catalogue.ts'
import { DataFileError, namingFile } from './errors.ts'
import { type DatasetFiles, findFiles, type Split } from './find.ts'
import { readCsv, readIdx, unpackedName } from './unpacked.ts'

export interface LoadedDataset {
  readonly dataset: Dataset // upright, unless orientation.stored is 'unknown'
  readonly orientation: Orientation // as found in the files
  readonly digest: Record<string, string> // file name without folder and .gz -> SHA-256 of the unpacked bytes
  readonly source: string // author and licence if known, else the file's name
}

/**
 * Reads a split of a data set. Images stored transposed, as those of EMNIST, are turned upright.
 * @param nameOrPath a folder below `dataDir`, or the path of a folder, a CSV file or an IDX image file
 * @param split which files of a folder; a single file is read for either
 * @param warn called with a sentence that is no error, but useful to a user
 * @throws DataFileError not_found and cannot_read (exitCode 1), any other code of core/data/errors.ts (exitCode 3)
 */
export async function loadDataset(
  nameOrPath: string,
  split: Split,
  dataDir: string,
  warn: (sentence: string) => void = console.error,
): Promise<LoadedDataset> {
  const files = locate(nameOrPath, split, dataDir)
  const { dataset, digest } = files.format === 'csv' ? await loadCsv(files.rows) : await loadIdx(files)
  const orientation = findOrientation(dataset)
  if (orientation.stored === 'transposed') transpose(dataset.images)
  if (orientation.stored === 'unknown') {
    const what = `${orientation.images} images looked at, likeness ${orientation.likeness.toFixed(2)}`
    warn(
      `${basename(nameOrPath)}: can't tell whether the images are stored upright or transposed (${what}); left as stored`,
    )
  }
  return { dataset, orientation, digest, source: describeSource(nameOrPath, files) }
}

function locate(nameOrPath: string, split: Split, dataDir: string): DatasetFiles {
  const entry = CATALOGUE.find(({ name }) => name === nameOrPath)
  const isName = !/[\\/]/.test(nameOrPath)
  const places = isName ? (entry?.folders ?? [nameOrPath]).map((folder) => join(dataDir, folder)) : []
  const place = [...places, nameOrPath].find((path) => existsSync(path))
  if (place === undefined) {
    const hint = entry
      ? `inkling dataset fetch ${entry.name} gets it`
      : 'a name, a folder, a CSV file or an IDX image file is due'
    throw new DataFileError(
      'not_found',
      isName ? `no ${nameOrPath} in ${dataDir}; ${hint}` : `no ${nameOrPath}; ${hint}`,
    )
  }
  const files = findFiles(place, split, entry?.prefix)
  if (files === undefined) throw new DataFileError('not_found', `${place} holds no ${split} images, as IDX or CSV`)
  return files
}

async function loadIdx({ images, labels }: { images: string; labels: string }) {
  const [pixels, digits] = [await readIdx(images, 'images'), await readIdx(labels, 'labels')]
  try {
    const dataset = parseIdx(pixels.content, digits.content)
    return { dataset, digest: { [unpackedName(images)]: pixels.sha256, [unpackedName(labels)]: digits.sha256 } }
  } catch (error) {
    throw namingFile(error, basename(labels))
  }
}

async function loadCsv(rows: string) {
  const { content, sha256 } = await readCsv(rows)
  return { dataset: content, digest: { [unpackedName(rows)]: sha256 } }
}

function describeSource(nameOrPath: string, files: DatasetFiles): string {
  const entry = CATALOGUE.find(({ name }) => name === nameOrPath)
  if (entry) return `${entry.citation}; ${entry.licence}`
  return unpackedName(files.format === 'csv' ? files.rows : files.images)
}
