/** Small data sets as files: IDX, gzip, zip, a catalogue entry, a folder that is removed afterwards. */

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { Random } from '../../../core/random.ts'
import type { CatalogueEntry } from '../../../server/dataset/catalogue.ts'

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'inkling-dataset-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function header(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i)
  return bytes
}

/** Images of noise, hard to compress, and labels 0..9 in turn. */
export function digits(count: number, seed = 1): { images: Buffer; labels: Buffer } {
  const random = new Random(seed, 0)
  const pixels = Uint8Array.from({ length: count * 784 }, () => random.below(256))
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  return {
    images: Buffer.concat([header(0x803, count, 28, 28), pixels]),
    labels: Buffer.concat([header(0x801, count), labels]),
  }
}

/** A catalogue entry of one split, 40 images, with the packed files it consists of. */
export function smallEntry(mirrors: string[], archived = false) {
  const { images, labels } = digits(40)
  const packed = { 'x-train-images-idx3-ubyte.gz': gzipSync(images), 'x-train-labels-idx1-ubyte.gz': gzipSync(labels) }
  const archive = zip({
    'gzip/readme.txt': Buffer.from('not wanted'),
    ...Object.fromEntries(Object.entries(packed).map(([name, bytes]) => [`gzip/${name}`, bytes])),
  })
  const [imageName, labelName] = Object.keys(packed) as (keyof typeof packed)[]
  const digest = (bytes: Uint8Array) => (archived ? {} : { sha256: sha256(bytes) })
  const entry: CatalogueEntry = {
    name: 'small',
    folders: ['small'],
    prefix: 'x-',
    title: 'Small',
    licence: 'none',
    citation: 'nobody',
    homepage: 'http://localhost/',
    mirrors,
    ...(archived && { archive: { name: 'gzip.zip', bytes: archive.length, sha256: sha256(archive), folder: 'gzip/' } }),
    files: [
      { name: imageName, kind: 'images', count: 40, bytes: images.length, ...digest(images) },
      { name: labelName, kind: 'labels', count: 40, bytes: labels.length, ...digest(labels) },
    ],
  }
  return { entry, packed, archive, imageName, labelName, images, labels }
}

/** A zip archive, members stored as they are (APPNOTE 6.3). */
export function zip(members: Record<string, Uint8Array>): Buffer {
  const [local, central]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const [name, bytes] of Object.entries(members)) {
    const fields = Buffer.alloc(26) // from "version needed" on, as both headers have it
    fields.writeUInt16LE(20, 0)
    fields.writeUInt32LE(crc32(bytes), 10)
    fields.writeUInt32LE(bytes.length, 14)
    fields.writeUInt32LE(bytes.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const at = Buffer.alloc(14)
    at.writeUInt32LE(offset, 10)
    central.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, at, Buffer.from(name))
    const member = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), bytes])
    local.push(member)
    offset += member.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Object.keys(members).length, 8)
  end.writeUInt16LE(Object.keys(members).length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}
