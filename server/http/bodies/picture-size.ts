/** What the first bytes of a picture file say: whether it is one, and its size. Nothing is decoded or checked here. */

import { isJpeg } from '../../../core/picture/foreign.ts'

/** Width and height, px. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Height of a JPEG that tells it behind its first scan, px: as large as it may be. */
const UNKNOWN_HEIGHT = 4096

/** Whether a file is a PNG or a JPEG by its signature. */
export function isPicture(file: Uint8Array): boolean {
  return isPng(file) || isJpeg(file)
}

/** Whether a file is a PNG by its signature. */
export function isPng(file: Uint8Array): boolean {
  return file[0] === 0x89 && file[1] === 0x50 && file[2] === 0x4e && file[3] === 0x47
}

/** The size that the header of a PNG or JPEG states; undefined where there is none. The decoders check what is true of it. */
export function pictureSize(file: Uint8Array): PictureSize | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (isPng(file)) return file.length < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) }
  if (!isJpeg(file)) return undefined
  // segments, each with its length, up to that of the frame (T.81, B.2.2)
  for (let at = 2; at + 9 <= file.length && file[at] === 0xff; ) {
    const marker = file[at + 1]
    if (marker === 0xff)
      at++ // a fill byte
    else if (marker === 0x01)
      at += 2 // TEM, without a length
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) || UNKNOWN_HEIGHT }
    } else at += 2 + view.getUint16(at + 2)
  }
  return undefined
}
