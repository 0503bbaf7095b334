/** `inkling dataset list` and `inkling dataset fetch|verify|info NAME`: lists, fetches, verifies and describes data sets. */

import { Argument, Command } from 'commander'
import { classCounts, OTHER } from '../../core/data/dataset.ts'
import { CATALOGUE, type CatalogueEntry } from '../dataset/catalogue.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { type DrawnSet, readDrawings } from '../dataset/drawings.ts'
import { DataFileError } from '../dataset/errors.ts'
import { fetchDataset } from '../dataset/fetch.ts'
import { fetchStrokes, verifyStrokes } from '../dataset/fetch-strokes.ts'
import type { Split } from '../dataset/find.ts'
import { GENERATED_SETS, type GeneratedSet } from '../dataset/generated-sets.ts'
import { loadDataset } from '../dataset/load.ts'
import { STROKE_SETS, type StrokeSet } from '../dataset/stroke-sets.ts'
import { transferProgress } from '../dataset/transfer-progress.ts'
import { verifyDataset } from '../dataset/verify.ts'

type OnDisk = CatalogueEntry | StrokeSet
type Known = OnDisk | GeneratedSet

interface Options {
  dataDir?: string
  json?: boolean
  mirror?: string
}

export function datasetCommand(): Command {
  const command = new Command('dataset')
    .description('List data sets; fetch, verify or describe one.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or not there, 2 wrong use, 3 a file is there but refused.')
  const onDisk: readonly OnDisk[] = [...CATALOGUE, ...STROKE_SETS]
  const all: readonly Known[] = [...onDisk, ...GENERATED_SETS]
  const add = <T extends Known>(
    name: string,
    description: string,
    run: (entry: T, options: Options) => Promise<void>,
    known: readonly T[],
  ) =>
    command
      .command(name)
      .description(description)
      .addArgument(new Argument('<name>', 'the data set').choices(known.map((entry) => entry.name)))
      .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
      .option('--json', 'print one JSON object')
      .action((wanted: string, options: Options) => run(known.find((entry) => entry.name === wanted) as T, options))
  command
    .command('list')
    .description('Name every data set.')
    .option('--json', 'print one JSON object')
    .action(({ json }: Options) => list(all, json))
  add('fetch', 'Fetch the missing files, resuming what was interrupted, and verify them.', fetchFiles, onDisk).option(
    '--mirror <url>',
    'a folder on the web to try first',
  )
  add('verify', 'Recompute the digests of the unpacked files.', verify, onDisk)
  add('info', 'Show counts, licence, source and how the images are stored.', info, all)
  return command
}

function print(value: object, lines: readonly string[], json: boolean | undefined): void {
  console.log(json ? JSON.stringify(value, null, 2) : lines.join('\n'))
}

function list(known: readonly Known[], json: boolean | undefined): void {
  const sets = known.map((entry) => ({ name: entry.name, title: entry.title, generated: isGenerated(entry) }))
  const width = Math.max(...sets.map(({ name }) => name.length))
  const lines = sets.map(
    ({ name, title, generated }) => `${name.padEnd(width)}  ${title}${generated ? ' (generated)' : ''}`,
  )
  print({ sets }, lines, json)
}

async function fetchFiles(entry: OnDisk, { dataDir = dataDirectory(), json, mirror }: Options): Promise<void> {
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

async function verify(entry: OnDisk, { dataDir = dataDirectory(), json }: Options): Promise<void> {
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

function isGenerated(entry: Known): entry is GeneratedSet {
  return GENERATED_SETS.includes(entry as GeneratedSet)
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

/** The same of a set of drawings, with its writers. */
async function describeDrawings({ name }: StrokeSet | GeneratedSet, split: Split, dataDir: string) {
  try {
    const { drawings, data } = (await readDrawings(name, split, dataDir)) as DrawnSet
    const digits = drawings.flatMap(({ label }) => (label === OTHER ? [] : [label]))
    const perClass = classCounts(Uint8Array.from(digits))
    const writers = new Set(drawings.map(({ writer }) => writer)).size
    return {
      split,
      count: drawings.length,
      writers,
      perClass,
      others: drawings.length - digits.length,
      digest: data.files,
    }
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return { split, missing: error.message }
    throw error
  }
}

function digestsOf(entry: Known): string {
  if (isGenerated(entry)) return 'of what is generated here, which is in the card of a model'
  if (isStrokes(entry)) {
    const where = entry.archive ? `fetched from ${entry.archive.mirrors[0]}` : 'to be copied there manually'
    return `compared with those of the project's own copy; files ${where}`
  }
  return entry.archive
    ? 'none published of its files; that of the archive is compared, theirs are recorded at the first fetch'
    : 'compared with those of the original files'
}

async function info(entry: Known, { dataDir = dataDirectory(), json }: Options): Promise<void> {
  const { title, licence, citation } = entry
  const homepage = isGenerated(entry) ? undefined : entry.homepage
  const drawn = isGenerated(entry) ? entry.parts : isStrokes(entry) ? entry.files : undefined
  const splits = await Promise.all(
    isGenerated(entry) || isStrokes(entry)
      ? (Object.keys(drawn ?? {}) as Split[]).map((split) => describeDrawings(entry, split, dataDir))
      : (['train', 'test'] as const).map((split) => describeSplit(entry, split, dataDir)),
  )
  const digests = digestsOf(entry)
  const lines = [
    title,
    `  ${citation}`,
    `  licence   ${licence}`,
    ...(homepage ? [`  homepage  ${homepage}`] : []),
    `  digests   ${digests}`,
  ]
  for (const known of splits) {
    if ('missing' in known) {
      lines.push(`${known.split}: ${known.missing}`)
      continue
    }
    lines.push(
      `${known.split}: ${known.count} ${'writers' in known ? `drawings by ${known.writers} writers` : 'images'}`,
      `  per class 0..9   ${known.perClass.join(' ')}`,
    )
    if ('others' in known && known.others > 0) lines.push(`  not a digit      ${known.others}`)
    if ('stored' in known) {
      const { stored, margin, likeness, images } = known.stored
      const ahead = `${margin.toFixed(0)} standard errors ahead, likeness ${likeness.toFixed(2)}, ${images} looked at`
      lines.push(`  images stored    ${stored} (${ahead})`)
    }
    lines.push(...Object.entries(known.digest).map(([file, sha256]) => `  ${sha256}  ${file}`))
  }
  print({ name: entry.name, title, licence, citation, homepage, digests, splits }, lines, json)
}
