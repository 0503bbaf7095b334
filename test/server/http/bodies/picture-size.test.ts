import { describe, expect, it } from 'vitest'
import { Random } from '../../../../core/random.ts'
import { pictureSize } from '../../../../server/http/bodies/picture-size.ts'
import { randomPicture } from '../../../core/jpeg/pictures.ts'
import { type Options, segment, writeJpeg } from '../../../core/jpeg/writer.ts'

const PICTURE = randomPicture(new Random(1, 0), 45, 37)
const sizeOf = (options: Options) => pictureSize(writeJpeg(PICTURE, options))

describe('the size of a JPEG before it is decoded', () => {
  it('is that of its frame, behind any segments, fill bytes and markers without a length', () => {
    const exif = segment(0xe1, [...Buffer.from('Exif\0\0'), 0xff, 0xc0, 0, 17, 8, 1, 1, 1, 1])
    for (const options of [{}, { progressive: true }, { fill: 3 }, { before: [exif, Uint8Array.of(0xff, 1), exif] }]) {
      expect(sizeOf(options)).toEqual({ width: 45, height: 37 })
    }
  })

  it('is as large as it may be where the height comes later', () => {
    expect(sizeOf({ heightAfter: true })).toEqual({ width: 45, height: 4096 })
  })

  it('is unknown where the frame is missing', () => {
    const file = writeJpeg(PICTURE)
    for (const length of [2, 3, 9, 40]) expect(pictureSize(file.subarray(0, length))).toBeUndefined()
  })
})
