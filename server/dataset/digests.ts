/** Digests of files for which none is published: recorded when the files are first fetched, and compared from then on. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../files/durable.ts'
import { DataFileError } from './errors.ts'

const FILE = 'digests.json'

/** File name -> SHA-256 of its unpacked bytes. Throws DataFileError bad_digest if the record is unreadable. */
export function recordedDigests(folder: string): Record<string, string> {
  const path = join(folder, FILE)
  if (!existsSync(path)) return {}
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (
      typeof record === 'object' &&
      record !== null &&
      Object.values(record).every((value) => typeof value === 'string')
    )
      return record as Record<string, string>
  } catch {
    // refused below
  }
  throw new DataFileError('bad_digest', `${path} is no record of digests; without it the next fetch starts anew`)
}

/** Adds a file's digest to the record of its folder. */
export function recordDigest(folder: string, name: string, sha256: string): void {
  const record = { ...recordedDigests(folder), [name]: sha256 }
  writeWhole(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`)
}
