/** Decodes and preprocesses pictures on this machine: digests of the 784 bytes, or codes of refusals. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PIXELS } from '../../../core/data/dataset.ts'
import { InputError } from '../../../core/errors.ts'
import { decodeJpeg } from '../../../core/jpeg/decode.ts'
import { atOnce } from '../../../core/picture/at-once.ts'
import { decodePng } from '../../../core/png/decode.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Random } from '../../../core/random.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { pasteOnCanvas } from '../../paste-on-canvas.ts'

/** By `png <folder>/<file>`, or `jpg`: SHA-256 of the decoded pixels, and of the 784 bytes or the refusal's code. */
export function imageDigests(folder: string): Record<string, string> {
  const digests: Record<string, string> = {}
  for (const file of readdirSync(folder).sort()) {
    const format = file.slice(-3)
    if (format !== 'png' && format !== 'jpg') continue
    const name = `${format} ${basename(folder)}/${file}`
    try {
      const bytes = readFileSync(join(folder, file))
      const raster = atOnce(format === 'jpg' ? decodeJpeg(bytes) : decodePng(bytes, inflate, { minSide: 1 }))
      digests[name] = sha256(raster.data)
      digests[`${name}, 28x28`] = sha256(preprocess(raster))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      digests[`${name}, refusal`] = error.code
    }
  }
  return digests
}

/** By `canvas <n>`: SHA-256 of the 784 bytes of `count` digits pasted on canvases of any look. */
export function canvasDigests(digits: Uint8Array, count: number): Record<string, string> {
  const digests: Record<string, string> = {}
  for (let i = 0; i < count; i++) {
    const random = new Random(2, i)
    const digit = digits.subarray(i * PIXELS, (i + 1) * PIXELS)
    digests[`canvas ${i}`] = sha256(preprocess(pasteOnCanvas(digit, () => random.uniform())))
  }
  return digests
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array | Uint8ClampedArray): string {
  return createHash('sha256').update(bytes).digest('hex')
}
