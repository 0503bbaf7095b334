/** The sets of pen strokes with known names, and the file of any set of pen strokes. */

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataFileError } from './errors.ts'
import type { Split } from './find.ts'
import { DIGIT_LIKE_CHARACTERS, DIGIT_LIKE_LETTERS } from './look-alikes.ts'
import { unpackedName } from './unpacked.ts'

/** A set with a known name. Its files are in the folder `strokes`, as JSON lines, gzipped or not. */
export interface StrokeSet {
  readonly name: string
  readonly title: string
  readonly files: Partial<Record<Split, string>> // names without .gz
  readonly sha256: Readonly<Record<string, string>> // of the unpacked files
  readonly citation: string
  readonly licence: string
  readonly homepage: string
  readonly archive?: StrokeArchive // absent if the files have to be copied there manually
  readonly others?: Readonly<Record<Split, KeepDrawing>> // of a set without digits: the drawings of each part
}

/** Whether a drawing of something else than a digit is wanted, by its label in the file and its writer. */
export type KeepDrawing = (label: string, writer: string) => boolean

/** A zip file with the originals: UNIPEN text, packed by compress. */
export interface StrokeArchive {
  readonly mirrors: readonly string[] // base URLs, tried in order
  readonly name: string
  readonly members: Partial<Record<Split, string>>
  readonly short: Readonly<Record<Split, string>> // names of the parts in the converted files
}

export const STROKE_FOLDER = 'strokes' // below the data directory

const TEST_WRITERS: ReadonlySet<string> = new Set(['uji:w03', 'uji:w06', 'uji:w09', 'uji:w11'])
const TEST_ALPHABET = 'Greek/' // each alphabet was drawn by other people

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
    // The archive itself has not been checked: names and format are those that UCI describes. The digest of the converted files
    // decides; it was made from the originals.
    archive: {
      mirrors: ['https://archive.ics.uci.edu/static/public/81/'],
      name: 'pen+based+recognition+of+handwritten+digits.zip',
      members: { train: 'pendigits-orig.tra.Z', test: 'pendigits-orig.tes.Z' },
      short: { train: 'tra', test: 'tes' },
    },
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
  {
    name: 'letters',
    title: 'UJI Pen Characters, the letters that do not look like digits; its test part is by other writers',
    files: { train: 'uji-letters.jsonl', test: 'uji-letters.jsonl' },
    sha256: { 'uji-letters.jsonl': '9881744bc9c604bcde315fceb339ed9d8caa7e2be72a011c0772facdccf770a9' },
    citation: 'Llorens, Prat, Marzal, Vilar: UJI Pen Characters, UCI Machine Learning Repository, 2007',
    licence: 'CC BY 4.0',
    homepage: 'https://archive.ics.uci.edu/dataset/160/uji+pen+characters',
    others: {
      train: (label, writer) => !DIGIT_LIKE_LETTERS.has(label) && !TEST_WRITERS.has(writer),
      test: (label, writer) => !DIGIT_LIKE_LETTERS.has(label) && TEST_WRITERS.has(writer),
    },
  },
  {
    name: 'characters',
    title: 'Omniglot, characters of five alphabets that do not look like digits; its test part is Greek',
    files: { train: 'omniglot-characters.jsonl', test: 'omniglot-characters.jsonl' },
    sha256: { 'omniglot-characters.jsonl': 'c9c8fc35496652d393225580441cb98cb34ca8be1ae2012cad30ff80e33e00ec' },
    citation: 'Lake, Salakhutdinov, Tenenbaum: Human-level concept learning through program induction, Science, 2015',
    licence: 'MIT',
    homepage: 'https://github.com/brendenlake/omniglot',
    others: {
      train: (label) => !DIGIT_LIKE_CHARACTERS.has(label) && !label.startsWith(TEST_ALPHABET),
      test: (label) => !DIGIT_LIKE_CHARACTERS.has(label) && label.startsWith(TEST_ALPHABET),
    },
  },
]

/**
 * The file of a set of strokes, given by name or as a path that ends in .jsonl or .jsonl.gz; undefined for other sets.
 * @throws DataFileError not_found when the name or path is of strokes, but there is no such file
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
  const way = set.archive ? `inkling dataset fetch ${set.name} gets it` : 'it has to be copied there manually'
  throw new DataFileError('not_found', `no ${STROKE_FOLDER}/${file}.gz in ${dataDir}; ${way}`)
}

/** Authors, year and licence of a known set, else the file's name. */
export function strokeSource(path: string): string {
  const name = unpackedName(path)
  const set = STROKE_SETS.find(({ files }) => Object.values(files).includes(name))
  return set ? `${set.citation}; ${set.licence}` : name
}
