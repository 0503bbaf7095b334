/** `inkling dataset fetch|verify|info NAME`: fetches, verifies and describes data sets. */

import { Argument, Command } from 'commander'
import { classCounts } from '../../core/data/dataset.ts'
import { CATALOGUE, type CatalogueEntry } from '../dataset/catalogue.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { DataFileError } from '../dataset/errors.ts'
import { fetchDataset } from '../dataset/fetch.ts'
import { fetchStrokes, verifyStrokes } from '../dataset/fetch-strokes.ts'
import type { Split } from '../dataset/find.ts'
import { loadDataset } from '../dataset/load.ts'
import { findStrokes, STROKE_SETS, type StrokeSet } from '../dataset/stroke-sets.ts'
import { readStrokes } from '../dataset/strokes.ts'
import { transferProgress } from '../dataset/transfer-progress.ts'
import { unpackedName } from '../dataset/unpacked.ts'
import { verifyDataset } from '../dataset/verify.ts'

type Known = CatalogueEntry | StrokeSet

interface Options {
  dataDir?: string
  json?: boolean
  mirror?: string
}

export function datasetCommand(): Command {
  const command = new Command('dataset')
    .description('Fetch, verify or describe a data set.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or not there, 2 wrong use, 3 a file is there but refused.')
  const known: readonly Known[] = [...CATALOGUE, ...STROKE_SETS]
  const add = (name: string, description: string, run: (entry: Known, options: Options) => Promise<void>) =>
    command
      .command(name)
      .description(description)
      .addArgument(new Argument('<name>', 'the data set').choices(known.map((entry) => entry.name)))
      .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
      .option('--json', 'print one JSON object')
      .action((wanted: string, options: Options) => run(known.find((entry) => entry.name === wanted) as Known, options))
  add('fetch', 'Fetch the missing files, resuming what was interrupted, and verify them.', fetchFiles).option(
    '--mirror <url>',
    'a folder on the web to try first',
  )
  add('verify', 'Recompute the digests of the unpacked files.', verify)
  add('info', 'Show counts, licence, source and how the images are stored.', info)
  return command
}

function print(value: object, lines: readonly string[], json: boolean | undefined): void {
  console.log(json ? JSON.stringify(value, null, 2) : lines.join('\n'))
}

async function fetchFiles(entry: Known, { dataDir = dataDirectory(), json, mirror }: Options): Promise<void> {
  if (mirror !== undefined && !/^https?:$/.test(URL.parse(mirror)?.protocol ?? ''))
    throw Object.assign(new Error('--mirror takes an http or https address'), { exitCode: 2 })
  const bar = transferProgress()
  try {
    const options = {
      ...(mirror && { mirrors: [mirror] }),
      note: (sentence: string) => bar.note(sentence),
      progress: bar.update,
    }
    const files = isStrokes(entry)
      ? await fetchStrokes(entry, dataDir, options)
      : await fetchDataset(entry, dataDir, options)
    bar.stop()
    const lines = files.map(({ file, from, sha256 }) => `${sha256}  ${file}  ${from === 'disk' ? 'was there' : from}`)
    print({ name: entry.name, folder: dataDir, files }, lines, json)
  } finally {
    bar.stop()
  }
}

async function verify(entry: Known, { dataDir = dataDirectory(), json }: Options): Promise<void> {
  const files = isStrokes(entry) ? await verifyStrokes(entry, dataDir) : await verifyDataset(entry, dataDir)
  const lines = files.map(({ file, state, sha256, detail, expectedFrom }) =>
    [state.padEnd(10), file, sha256, detail ?? (expectedFrom && `as in the ${expectedFrom}`)]
      .filter(Boolean)
      .join('  '),
  )
  print({ name: entry.name, folder: dataDir, files }, lines, json)
  const count = (wanted: string) => files.filter(({ state }) => state === wanted).length
  if (count('wrong') > 0) throw new DataFileError('bad_digest', `${count('wrong')} of ${files.length} files are wrong`)
  if (count('missing') > 0)
    throw new DataFileError('not_found', `${count('missing')} of ${files.length} files are not in ${dataDir}`)
  if (count('unrecorded') > 0)
    console.error(`no digest to compare with: inkling dataset fetch ${entry.name} records the present ones`)
}

function isStrokes(entry: Known): entry is StrokeSet {
  return STROKE_SETS.includes(entry as StrokeSet)
}

/** What is known of one split, or why it cannot be read. */
async function describeSplit(entry: CatalogueEntry, split: 'train' | 'test', dataDir: string) {
  try {
    const { dataset, orientation, digest } = await loadDataset(entry.name, split, dataDir)
    return { split, count: dataset.count, perClass: classCounts(dataset.labels), stored: orientation, digest }
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return { split, missing: error.message }
    throw error
  }
}

/** The same of a set of pen strokes, with its writers. */
async function describeStrokes(set: StrokeSet, split: Split, dataDir: string) {
  try {
    const path = findStrokes(set.name, split, dataDir) as string
    const { content, sha256 } = await readStrokes(path)
    const perClass = classCounts(Uint8Array.from(content, ({ label }) => label))
    const writers = new Set(content.map(({ writer }) => writer)).size
    return { split, count: content.length, writers, perClass, digest: { [unpackedName(path)]: sha256 } }
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return { split, missing: error.message }
    throw error
  }
}

function digestsOf(entry: Known): string {
  if (isStrokes(entry)) {
    const where = entry.archive ? `fetched from ${entry.archive.mirrors[0]}` : 'to be copied there manually'
    return `compared with those of the project's own copy; files ${where}`
  }
  return entry.archive
    ? 'none published of its files; that of the archive is compared, theirs are recorded at the first fetch'
    : 'compared with those of the original files'
}

async function info(entry: Known, { dataDir = dataDirectory(), json }: Options): Promise<void> {
  const { title, licence, citation, homepage } = entry
  const splits = await Promise.all(
    isStrokes(entry)
      ? (Object.keys(entry.files) as Split[]).map((split) => describeStrokes(entry, split, dataDir))
      : (['train', 'test'] as const).map((split) => describeSplit(entry, split, dataDir)),
  )
  const digests = digestsOf(entry)
  const lines = [title, `  ${citation}`, `  licence   ${licence}`, `  homepage  ${homepage}`, `  digests   ${digests}`]
  for (const known of splits) {
    if ('missing' in known) {
      lines.push(`${known.split}: ${known.missing}`)
      continue
    }
    lines.push(
      `${known.split}: ${known.count} ${'writers' in known ? `drawings by ${known.writers} writers` : 'images'}`,
      `  per class 0..9   ${known.perClass.join(' ')}`,
    )
    if ('stored' in known) {
      const { stored, margin, likeness, images } = known.stored
      const ahead = `${margin.toFixed(0)} standard errors ahead, likeness ${likeness.toFixed(2)}, ${images} looked at`
      lines.push(`  images stored    ${stored} (${ahead})`)
    }
    lines.push(...Object.entries(known.digest).map(([file, sha256]) => `  ${sha256}  ${file}`))
  }
  print({ name: entry.name, title, licence, citation, homepage, digests, splits }, lines, json)
}
