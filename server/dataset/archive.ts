/** Extracts single files from a large zip archive. */

import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { openPromise } from 'yauzl'
import { DataFileError } from './errors.ts'

/**
 * Writes the wanted members to the given paths and skips the others unread.
 * @param wanted name inside the archive -> path of the file to write
 * @throws DataFileError not_found if a member is missing; errors of yauzl for a broken archive
 */
export async function extract(archive: string, wanted: ReadonlyMap<string, string>): Promise<void> {
  const zip = await openPromise(archive)
  const missing = new Set(wanted.keys())
  try {
    for await (const entry of zip.eachEntry()) {
      const path = wanted.get(entry.fileName)
      if (path === undefined || !missing.delete(entry.fileName)) continue
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path))
    }
  } finally {
    zip.close()
  }
  if (missing.size > 0) throw new DataFileError('not_found', `the archive lacks ${[...missing].join(', ')}`)
}
