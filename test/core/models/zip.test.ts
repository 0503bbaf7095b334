import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { zip } from '../../../core/models/zip.ts'

test('an archive is read back by another reader, names and bytes, and the same members give the same archive', async () => {
  const members = ['0.weight.npy', 'empty', 'a/b.csv'].map((name, i) => ({
    name,
    bytes: new TextEncoder().encode('1,2,3\n'.repeat(i * 100).slice(0, i === 1 ? 0 : undefined)),
  }))
  const file = zip(members)
  expect(zip(members)).toEqual(file)
  const archive = await fromBufferPromise(Buffer.from(file))
  const read: [string, string][] = []
  // yauzl compares sizes; the checksum it leaves to the reader of a stored member
  for await (const entry of archive.eachEntry()) {
    read.push([entry.fileName, await text(await archive.openReadStreamPromise(entry))])
    expect(entry.compressionMethod).toBe(0)
  }
  expect(read).toEqual(members.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)]))
})
