/** Rows while their file is read: how it is told from others, and how its images are stored. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { idxHeader } from '../../../core/data/idx.ts'
import { type Row, type RowFormat, readRows, rowFormat, uprightRows } from '../../../server/dataset/row-stream.ts'
import { describeUnless } from '../../skip.ts'

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe('the first bytes of a file', () => {
  it.each<[string, string | Uint8Array, string, RowFormat | undefined]>([
    ['numbers', '0,0,0,12', '-', 'csv'],
    ['a header', '\ufefflabel,1x1,1x2', 'rows', 'csv'],
    ['a header in quotes', '"label","pixel 0"', 'rows', 'csv'],
    ['IDX images', idxHeader([5, 28, 28]), 'rows', 'idx'],
    ['IDX labels', idxHeader([5]), 'rows', 'idx'],
    ['anything in a file named .csv', '<html>', 'rows.CSV.gz', 'csv'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'one.png', undefined],
    ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x2c), 'one.jpg', undefined],
    ['a picture of text', '<svg viewBox="0,0,1,1">', '-', undefined],
    ['JSON', '{"pixels": [0, 0]}', '-', undefined],
    ['words', 'not a picture', 'text.png', undefined],
    ['nothing', '', '-', undefined],
  ])('of %s', (_, head, name, format) => {
    expect(rowFormat(Buffer.from(head as string).subarray(0, 64), name)).toBe(format)
  })
})

describe('IDX images', () => {
  const bytes = Buffer.concat([idxHeader([3, 28, 28]), Buffer.from(Array.from({ length: 3 * 784 }, (_, i) => i % 251))])

  it.each([1, 15, 16, 17, 784, 5000])('are the same in pieces of %i bytes', async (length) => {
    const rows = await collect(readRows(pieces(bytes, length), 'idx', Uint8Array.of(7, 8, 9)))
    expect(rows.map(({ number, label }) => [number, label])).toEqual([
      [1, 7],
      [2, 8],
      [3, 9],
    ])
    expect(Buffer.concat(rows.map(({ pixels }) => pixels))).toEqual(bytes.subarray(16))
  })

  it.each<[string, Uint8Array, Uint8Array | undefined]>([
    ['truncated', bytes.subarray(0, -1), undefined],
    ['truncated', bytes.subarray(0, 15), undefined],
    ['trailing_data', Buffer.concat([bytes, Buffer.of(0)]), undefined],
    ['count_mismatch', bytes, Uint8Array.of(1)],
    ['bad_magic', idxHeader([5]), undefined],
  ])('are refused: %s', async (code, content, labels) => {
    await expect(collect(readRows(pieces(content, 1000), 'idx', labels))).rejects.toMatchObject({ code })
  })
})

const { INKLING_DATA } = process.env

describeUnless(!INKLING_DATA && 'INKLING_DATA names no folder with data sets', 'images stored transposed', () => {
  const read = (name: string) => gunzipSync(readFileSync(join(INKLING_DATA as string, name)))
  const images = (name: string) => read(`${name}-images-idx3-ubyte.gz`)
  const labels = (name: string) => new Uint8Array(read(`${name}-labels-idx1-ubyte.gz`).subarray(8))

  it('as EMNIST’s are turned upright where there are labels, and MNIST’s are left', async () => {
    for (const [name, turned] of [
      ['emnist/emnist-digits-sample', true],
      ['mnist/t10k', false],
    ] as const) {
      const rows = () => readRows(pieces(images(name), 65_536), 'idx', labels(name))
      const [stored, upright] = [await collect(rows()), await collect(uprightRows(rows()))]
      expect(upright.length).toBe(stored.length)
      for (const [k, { number, label, pixels }] of upright.entries()) {
        const same = pixels.every(
          (value, i) => value === stored[k].pixels[turned ? (i % 28) * 28 + Math.floor(i / 28) : i],
        )
        if (!same || number !== k + 1 || label !== stored[k].label) expect.fail(`${name}, row ${number}`)
      }
    }
  })

  it('stay as they are without labels', async () => {
    const rows = () => readRows(pieces(images('emnist/emnist-digits-sample'), 65_536), 'idx')
    expect(await collect(uprightRows(rows()))).toEqual(await collect(rows()))
  })
})
