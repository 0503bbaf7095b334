import { expect, it } from 'vitest'
import { atOnce } from '../../core/picture/at-once.ts'
import { decodeAtOnce, decodePicture, PICTURE_LIMIT } from '../../core/picture.ts'
import { decodePng } from '../../core/png/decode.ts'
import { inflate } from '../../server/files/inflate.ts'
import { encode } from './png/writer.ts'

const SAMPLES = Array.from({ length: 784 }, (_, k) => (k * 7) % 256)
const PNG = encode({ width: 28, height: 28, colour: 0, depth: 8, samples: SAMPLES })

it('decodes a small PNG at the first step, to the bytes of the PNG decoder', () => {
  const step = decodePicture(PNG, inflate).next()
  expect(step).toEqual({ done: true, value: atOnce(decodePng(PNG, inflate)) })
  expect(decodeAtOnce(PNG, inflate)).toEqual(step.value)
})

it('says of a broken JPEG that it is one', () => {
  const broken = Buffer.concat([Buffer.from('ffd8ffe00010', 'hex'), Buffer.from('JFIF\0'), Buffer.alloc(64)])
  const refusal = { status: 422, message: expect.stringContaining('JPEG') }
  expect(() => decodeAtOnce(broken, inflate)).toThrow(expect.objectContaining(refusal))
})

it.each([
  ['nothing', new Uint8Array(), 400, 'empty_body'],
  ['a GIF', Buffer.from('GIF89a'), 415, 'not_png'],
  ['4 MiB and a byte', new Uint8Array(PICTURE_LIMIT + 1), 413, 'body_too_large'],
])('refuses %s', (_, file, status, code) => {
  expect(() => decodeAtOnce(file, inflate)).toThrow(expect.objectContaining({ status, code }))
})
