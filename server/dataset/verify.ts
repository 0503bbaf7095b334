/** Checks the files of a catalogued data set. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DataError } from '../../core/data/errors.ts'
import { IDX_HEADER, parseIdxHeader } from '../../core/data/idx.ts'
import type { CatalogueEntry, CatalogueFile } from './catalogue.ts'
import { recordedDigests } from './digests.ts'
import { DataFileError, namingFile } from './errors.ts'
import { readUnpacked } from './unpacked.ts'

export interface FileState {
  readonly file: string
  /** `unrecorded`: the format is right, but there is no digest to compare with. */
  readonly state: 'right' | 'unrecorded' | 'missing' | 'wrong'
  readonly sha256?: string // of the unpacked bytes
  readonly expected?: string
  readonly expectedFrom?: 'catalogue' | 'first fetch'
  readonly detail?: string // what is wrong
}

/**
 * Digest of a packed file, after checking that it is an IDX file of the expected kind, count and length.
 * @throws DataFileError bad_digest if it is another IDX file; bad_gzip, bad_magic, truncated ... if it is none
 */
export async function digestOf(path: string, file: CatalogueFile): Promise<string> {
  const head = new Uint8Array(IDX_HEADER[file.kind])
  let bytes = 0
  const sha256 = await readUnpacked(
    path,
    (chunk) => {
      if (bytes < head.length) head.set(chunk.subarray(0, head.length - bytes), bytes)
      bytes += chunk.length
      if (bytes > file.bytes) throw new DataFileError('trailing_data', `${file.name}: more than ${file.bytes} bytes`)
    },
    true,
  )
  const count = announced(head.subarray(0, Math.min(bytes, head.length)), file)
  if (count !== file.count || bytes !== file.bytes) {
    const expected = `expected ${file.count} ${file.kind} in ${file.bytes} bytes`
    throw new DataFileError('bad_digest', `${file.name}: ${expected}, got ${count} in ${bytes}`)
  }
  return sha256
}

function announced(head: Uint8Array, { kind, name }: CatalogueFile): number {
  try {
    return parseIdxHeader(head, kind).count
  } catch (error) {
    throw namingFile(error, name)
  }
}

/** State of one file. `expected` is the digest recorded at the first fetch, for files without a published digest. */
export async function fileState(folder: string, file: CatalogueFile, recorded: string | undefined): Promise<FileState> {
  const path = join(folder, file.name)
  if (!existsSync(path)) return { file: file.name, state: 'missing' }
  const expected = file.sha256 ?? recorded
  const proof =
    expected === undefined ? {} : ({ expected, expectedFrom: file.sha256 ? 'catalogue' : 'first fetch' } as const)
  try {
    const sha256 = await digestOf(path, file)
    if (expected === undefined) return { file: file.name, state: 'unrecorded', sha256 }
    if (sha256 === expected) return { file: file.name, state: 'right', sha256, ...proof }
    return { file: file.name, state: 'wrong', sha256, ...proof, detail: 'another SHA-256 than expected' }
  } catch (error) {
    const { code, message } = error as DataError
    if (code === undefined) throw error
    return { file: file.name, state: 'wrong', ...proof, detail: message }
  }
}

/** State of every file of a data set, in the catalogue's order. Throws DataFileError bad_digest for a broken record. */
export async function verifyDataset(entry: CatalogueEntry, dataDir: string): Promise<FileState[]> {
  const folder = join(dataDir, entry.folders[0])
  const recorded = recordedDigests(folder)
  const states: FileState[] = []
  for (const file of entry.files) states.push(await fileState(folder, file, recorded[file.name]))
  return states
}
