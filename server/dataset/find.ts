/** Finds the files of a data set in a folder by their names: MNIST, EMNIST and CSV exports. */

import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DataFileError } from './errors.ts'

export type Split = 'train' | 'test'

export type DatasetFiles =
  | { readonly format: 'idx'; readonly images: string; readonly labels: string }
  | { readonly format: 'csv'; readonly rows: string }

// train-images-idx3-ubyte.gz, t10k-images.idx3-ubyte, digits-images.idx ...
const IMAGES = /images?[-._](idx3-ubyte|idx\d?|ubyte)(\.gz)?$/i
const CSV = /\.csv(\.gz)?$/i
const OF_SPLIT: Readonly<Record<Split, RegExp>> = { train: /train/i, test: /t10k|test/i }

/** The label file beside an image file, packed or not. Throws DataFileError not_found. */
export function labelsBeside(images: string): string {
  const name = basename(images)
    .replace(/\.gz$/i, '')
    .replace(/image(s?)/i, 'label$1')
    .replace('idx3', 'idx1')
  const found = [`${name}.gz`, name].map((file) => join(dirname(images), file)).find((path) => existsSync(path))
  if (found === undefined) throw new DataFileError('not_found', `${basename(images)} is there, but not ${name}`)
  return found
}

// A folder without names of splits is a sample for tests: it is never used for training by mistake.
function pick(names: readonly string[], split: Split): string | undefined {
  const named = names.find((name) => OF_SPLIT[split].test(name))
  if (named !== undefined || split === 'train') return named
  return names.find((name) => !OF_SPLIT.train.test(name))
}

/**
 * @param path a folder, an IDX image file (with its labels beside it) or a CSV file
 * @param split which files of a folder; of no effect on a single file
 * @param prefix only files of a folder that begin so
 * @returns undefined if a folder holds none of this split
 * @throws DataFileError not_found, cannot_read
 */
export function findFiles(path: string, split: Split, prefix = ''): DatasetFiles | undefined {
  if (!existsSync(path)) throw new DataFileError('cannot_read', `${path} (ENOENT)`)
  if (!statSync(path).isDirectory()) {
    if (CSV.test(path)) return { format: 'csv', rows: path }
    if (/images?/i.test(basename(path))) return { format: 'idx', images: path, labels: labelsBeside(path) }
    throw new DataFileError('not_found', `${basename(path)} is named neither .csv nor ...images-idx3-ubyte`)
  }
  // .gz comes after its unpacked twin, which is faster to read
  const names = readdirSync(path)
    .filter((name) => name.startsWith(prefix))
    .sort()
  const images = pick(
    names.filter((name) => IMAGES.test(name)),
    split,
  )
  if (images !== undefined)
    return { format: 'idx', images: join(path, images), labels: labelsBeside(join(path, images)) }
  const rows = pick(
    names.filter((name) => CSV.test(name)),
    split,
  )
  return rows === undefined ? undefined : { format: 'csv', rows: join(path, rows) }
}
