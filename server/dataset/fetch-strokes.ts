/** Fetches a set of pen strokes: unpacks and converts its archive, and keeps the result only if its digest is right. */

import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeWhole } from '../files/durable.ts'
import { sha256 } from '../files/sha256.ts'
import { extract } from './archive.ts'
import { DataFileError, namingFile } from './errors.ts'
import { type FetchedFile, type FetchOptions, fromMirrors } from './fetch.ts'
import type { Split } from './find.ts'
import { unpackLzw } from './lzw.ts'
import { STROKE_FOLDER, type StrokeArchive, type StrokeSet } from './stroke-sets.ts'
import { removePart } from './transfer.ts'
import { convertUnipen } from './unipen.ts'
import { readUnpacked } from './unpacked.ts'
import type { FileState } from './verify.ts'

const ZIP = [0x50, 0x4b, 0x03, 0x04]
const ARCHIVE_LIMIT = 33_554_432 // bytes; no size is published
const TEXT_LIMIT = 33_554_432 // bytes of one unpacked original

/** State of every file of a set of strokes. */
export async function verifyStrokes(set: StrokeSet, dataDir: string): Promise<FileState[]> {
  const states: FileState[] = []
  for (const file of new Set(Object.values(set.files))) {
    const path = [file, `${file}.gz`].map((name) => join(dataDir, STROKE_FOLDER, name)).find((name) => existsSync(name))
    const proof = { expected: set.sha256[file], expectedFrom: 'catalogue' } as const
    if (path === undefined) {
      states.push({ file: `${file}.gz`, state: 'missing' })
      continue
    }
    const found = { file: basename(path), ...proof }
    try {
      const sha256 = await readUnpacked(path, () => {})
      if (sha256 === proof.expected) states.push({ ...found, state: 'right', sha256 })
      else states.push({ ...found, state: 'wrong', sha256, detail: 'another SHA-256 than expected' })
    } catch (error) {
      if (!(error instanceof DataFileError)) throw error
      states.push({ ...found, state: 'wrong', detail: error.message })
    }
  }
  return states
}

/**
 * @param dataDir the files go into its folder of strokes, which is created if necessary
 * @returns where each file came from
 * @throws DataFileError not_found when no mirror serves the right archive, or no mirror is known; errors of the file system
 */
export async function fetchStrokes(
  set: StrokeSet,
  dataDir: string,
  options: FetchOptions = {},
): Promise<FetchedFile[]> {
  const folder = join(dataDir, STROKE_FOLDER)
  await mkdir(folder, { recursive: true })
  const states = await verifyStrokes(set, dataDir)
  const results = states.map(({ file, sha256 = '' }): FetchedFile => ({ file, from: 'disk', sha256 }))
  if (states.every(({ state }) => state === 'right')) return results
  for (const { file, state, detail } of states) {
    if (state === 'wrong') options.note?.(`${file}: ${detail}; fetching it again`)
  }
  const { archive } = set
  if (archive === undefined) {
    const names = [...new Set(Object.values(set.files))].map((file) => `${STROKE_FOLDER}/${file}.gz`)
    throw new DataFileError(
      'not_found',
      `${set.name} has to be copied there manually, as ${names.join(', ')} in ${dataDir}`,
    )
  }
  const path = join(folder, `${set.name}.zip`)
  const wanted = { name: archive.name, part: `${path}.part`, limit: ARCHIVE_LIMIT, magic: ZIP }
  const mirrors = [...(options.mirrors ?? []), ...archive.mirrors]
  const { url, proof } = await fromMirrors(wanted, mirrors, options, (part) => convertArchive(set, archive, part))
  for (const [file, text] of proof) {
    await rm(join(folder, file), { force: true }) // an unpacked file would be read instead
    writeWhole(join(folder, `${file}.gz`), gzipSync(text))
  }
  await removePart(`${path}.part`)
  return [...proof.keys()].map((file) => ({ file: `${file}.gz`, from: url, sha256: set.sha256[file] }))
}

/** Makes every file of the set from the archive. Throws DataFileError when the archive has other data than expected. */
async function convertArchive(set: StrokeSet, archive: StrokeArchive, path: string): Promise<Map<string, string>> {
  const members = Object.entries(archive.members) as [Split, string][]
  const places = new Map(members.map(([, member]) => [member, `${path}.${member}`]))
  const converted = new Map<string, string>()
  try {
    await extract(path, places).catch((error: NodeJS.ErrnoException) => {
      if (error instanceof DataFileError || error.syscall !== undefined) throw error
      throw new DataFileError('bad_digest', `${archive.name}: no zip archive, or a broken one`)
    })
    for (const [split, member] of members) {
      const file = set.files[split] as string
      const text = await convertMember(places.get(member) as string, member, set.name, archive.short[split])
      if (sha256(text) !== set.sha256[file])
        throw new DataFileError('bad_digest', `${member}, converted, has another SHA-256 than ${file}`)
      converted.set(file, text)
    }
  } finally {
    await Promise.all([...places.values()].map((place) => rm(place, { force: true })))
  }
  return converted
}

async function convertMember(place: string, member: string, set: string, short: string): Promise<string> {
  try {
    const text = unpackLzw(await readFile(place), TEXT_LIMIT)
    return convertUnipen(new TextDecoder('latin1').decode(text), set, short)
  } catch (error) {
    throw namingFile(error, member)
  }
}
