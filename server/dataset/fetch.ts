/** Fetches the missing files of a catalogued data set from the first mirror that serves the right ones. */

import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataError } from '../../core/data/errors.ts'
import { moveWhole } from '../files/durable.ts'
import { extract } from './archive.ts'
import type { CatalogueArchive, CatalogueEntry, CatalogueFile } from './catalogue.ts'
import { recordDigest, recordedDigests } from './digests.ts'
import { DataFileError } from './errors.ts'
import { removePart, TransferError, type TransferRequest, transfer } from './transfer.ts'
import { readUnpacked } from './unpacked.ts'
import { digestOf, fileState } from './verify.ts'

const GZIP = [0x1f, 0x8b]
const ZIP = [0x50, 0x4b, 0x03, 0x04]
const ATTEMPTS = 3 // per mirror, if another attempt may help
const PAUSE = 1_000 // ms before the second attempt; doubled for each further one

export interface FetchOptions {
  readonly mirrors?: readonly string[] // base URLs tried before the catalogue's own
  readonly note?: (sentence: string) => void // for people
  readonly progress?: (file: string, done: number, total: number | undefined) => void // bytes
  readonly pause?: number // ms
  readonly silence?: number // ms, see TransferRequest
  readonly signal?: AbortSignal
}

export interface FetchedFile {
  readonly file: string
  readonly from: 'disk' | string // 'disk' if the right file was there, else the URL
  readonly sha256: string // of the unpacked bytes
}

type Wanted = Pick<TransferRequest, 'part' | 'limit' | 'magic'> & {
  readonly name: string
  readonly bytes?: number // of the whole file, if that is known
}

/**
 * Fetches the right file into `wanted.part`.
 * @param check throws a DataError if the file is not the right one
 * @returns the URL it came from
 * @throws DataFileError not_found, when no mirror had it; reason of the signal; errors of the file system
 */
export async function fromMirrors<T>(
  wanted: Wanted,
  mirrors: readonly string[],
  options: FetchOptions,
  check: (part: string) => Promise<T>,
): Promise<{ url: string; proof: T }> {
  const { name, bytes, ...request } = wanted
  const here = await stat(request.part).catch(() => undefined)
  if (here && here.size === bytes) {
    // complete, but the run ended before the file was used
    const proof = await check(request.part).catch(() => removePart(request.part))
    if (proof !== undefined) return { url: 'disk', proof }
  }
  const reasons: string[] = []
  for (const mirror of mirrors) {
    const url = new URL(name, mirror.endsWith('/') ? mirror : `${mirror}/`).href
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        await transfer({ ...request, ...within(options), url, progress: (d, t) => options.progress?.(name, d, t) })
        return { url, proof: await check(request.part) }
      } catch (error) {
        if (!(error instanceof TransferError || error instanceof DataError)) throw error
        if (error instanceof DataError) await removePart(request.part)
        const again = error instanceof TransferError && error.resumable && attempt < ATTEMPTS
        options.note?.(`${url}: ${error.message}${again ? '; trying again' : ''}`)
        if (!again) {
          reasons.push(`${new URL(url).host}: ${error.message}`)
          break
        }
        await sleep((options.pause ?? PAUSE) * 2 ** (attempt - 1), undefined, { signal: options.signal })
      }
    }
  }
  throw new DataFileError('not_found', `no mirror served ${name} (${reasons.join('; ')})`)
}

function within({ silence, signal }: FetchOptions): Pick<TransferRequest, 'silence' | 'signal'> {
  return { ...(silence !== undefined && { silence }), ...(signal && { signal }) }
}

/** One gzipped file. */
async function fetchFile(
  folder: string,
  file: CatalogueFile,
  mirrors: readonly string[],
  options: FetchOptions,
): Promise<FetchedFile> {
  const path = join(folder, file.name)
  // the most that gzip adds: 5 bytes per block of 16 kB and up to 64 kB of header and trailer
  const limit = Math.ceil(file.bytes * 1.001) + 65_536
  const wanted = { name: file.name, part: `${path}.part`, limit, magic: GZIP }
  const { url, proof } = await fromMirrors(wanted, mirrors, options, async (part) => {
    const sha256 = await digestOf(part, file)
    if (file.sha256 !== undefined && sha256 !== file.sha256)
      throw new DataFileError('bad_digest', 'another SHA-256 than that of the original')
    return sha256
  })
  await finish(path)
  return { file: file.name, from: url, sha256: proof }
}

async function finish(path: string): Promise<void> {
  moveWhole(`${path}.part`, path)
  await removePart(`${path}.part`)
}

/** The missing files, from the archive in which they are published. The archive is deleted. */
async function fetchArchived(
  folder: string,
  archive: CatalogueArchive,
  files: readonly CatalogueFile[],
  mirrors: readonly string[],
  options: FetchOptions,
): Promise<FetchedFile[]> {
  const path = join(folder, archive.name)
  const wanted = { name: archive.name, part: `${path}.part`, limit: archive.bytes, magic: ZIP, bytes: archive.bytes }
  const { url } = await fromMirrors(wanted, mirrors, options, async (part) => {
    const sha256 = await readUnpacked(part, () => {}, false)
    if (sha256 !== archive.sha256) throw new DataFileError('bad_digest', 'another SHA-256 than that of the original')
    return sha256
  })
  options.note?.(`${archive.name} is right; taking ${files.length} files out of it`)
  await extract(`${path}.part`, new Map(files.map(({ name }) => [archive.folder + name, join(folder, `${name}.part`)])))
  const fetched: FetchedFile[] = []
  for (const file of files) {
    const sha256 = await digestOf(join(folder, `${file.name}.part`), file)
    await finish(join(folder, file.name))
    recordDigest(folder, file.name, sha256)
    fetched.push({ file: file.name, from: url, sha256 })
  }
  await removePart(`${path}.part`)
  return fetched
}

/**
 * @param dataDir the files go into its folder for the data set, which is created if necessary
 * @returns where each file came from, in the catalogue's order
 * @throws DataFileError not_found when no mirror serves a file; errors of the file system; the reason of `signal`
 */
export async function fetchDataset(
  entry: CatalogueEntry,
  dataDir: string,
  options: FetchOptions = {},
): Promise<FetchedFile[]> {
  const folder = join(dataDir, entry.folders[0])
  await mkdir(folder, { recursive: true })
  const mirrors = [...(options.mirrors ?? []), ...entry.mirrors]
  const recorded = recordedDigests(folder)
  const results = new Map<string, FetchedFile>()
  const missing: CatalogueFile[] = []
  for (const file of entry.files) {
    const { state, sha256 = '', detail } = await fileState(folder, file, recorded[file.name])
    if (state === 'unrecorded') recordDigest(folder, file.name, sha256) // accepted as it is, and compared from then on
    if (state === 'right' || state === 'unrecorded') {
      results.set(file.name, { file: file.name, from: 'disk', sha256 })
      continue
    }
    if (state === 'wrong') options.note?.(`${file.name}: ${detail}; fetching it again`)
    missing.push(file)
  }
  if (entry.archive && missing.length > 0) {
    for (const file of await fetchArchived(folder, entry.archive, missing, mirrors, options))
      results.set(file.file, file)
  } else {
    for (const file of missing) results.set(file.name, await fetchFile(folder, file, mirrors, options))
  }
  await Promise.all(missing.map(({ name }) => rm(join(folder, `${name}.part.json`), { force: true })))
  return entry.files.flatMap(({ name }) => results.get(name) ?? [])
}
