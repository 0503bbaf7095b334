/** Reads small zip archives in memory without trusting them: sizes are bounded and checksums are compared. */

import { fromBufferPromise, type ZipFile } from 'yauzl'
import { WeightsError } from '../../core/models/errors.ts'
import type { ZipMember } from '../../core/models/zip.ts'
import { crc32 } from '../../core/png/crc32.ts'

const MAX_MEMBERS = 4096

/**
 * All members of an archive, stored or deflated.
 * @param limit bytes they may have together, unpacked
 * @throws WeightsError bad_archive, too_large
 */
export async function unzip(archive: Uint8Array, limit: number): Promise<ZipMember[]> {
  try {
    const { buffer, byteOffset, byteLength } = archive
    const zip = await fromBufferPromise(Buffer.from(buffer, byteOffset, byteLength))
    return await readMembers(zip, limit)
  } catch (error) {
    if (error instanceof WeightsError) throw error
    throw new WeightsError('bad_archive', 'not a whole zip archive') // the reader's own message quotes the file
  }
}

async function readMembers(zip: ZipFile, limit: number): Promise<ZipMember[]> {
  if (zip.entryCount > MAX_MEMBERS) {
    throw new WeightsError('bad_archive', `the archive has ${zip.entryCount} members, at most ${MAX_MEMBERS} expected`)
  }
  const members: ZipMember[] = []
  let left = limit // bytes
  for await (const entry of zip.eachEntry()) {
    left -= entry.uncompressedSize
    if (left < 0) throw new WeightsError('too_large', `the archive unpacks to more than ${limit} bytes`)
    const bytes = new Uint8Array(entry.uncompressedSize)
    let at = 0
    // the reader fails where a member is longer or shorter than the archive states
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      bytes.set(chunk as Uint8Array, at)
      at += (chunk as Uint8Array).length
    }
    if (crc32(bytes, 0, bytes.length) !== (entry.crc32 | 0)) {
      throw new WeightsError('bad_archive', 'a member of the archive is damaged: its checksum is another')
    }
    members.push({ name: entry.fileName, bytes })
  }
  return members
}
