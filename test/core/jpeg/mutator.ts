/** Makes damaged JPEGs from valid ones: changed bytes in segments and data, and segments moved, doubled, dropped or exchanged. */

import type { Random } from '../../../core/random.ts'

/** Bytes that mean something somewhere: sampling, ends of bands, numbers of tables, markers. */
const TELLING = [
  0, 1, 2, 3, 4, 8, 0x10, 0x11, 0x12, 0x21, 0x22, 0x41, 0x44, 63, 64, 127, 128, 0xc0, 0xc2, 0xd0, 0xd9, 254, 255,
]

type Change = (pieces: Uint8Array[], random: Random, others: readonly Uint8Array[][]) => void

const CHANGES: readonly Change[] = [
  changeByte,
  changeByte,
  changeByte,
  function drop(pieces, random) {
    pieces.splice(random.below(pieces.length), 1)
  },
  function double(pieces, random) {
    const k = random.below(pieces.length)
    pieces.splice(k, 0, pieces[k])
  },
  function exchange(pieces, random) {
    const [k, l] = [random.below(pieces.length), random.below(pieces.length)]
    const piece = pieces[k]
    pieces[k] = pieces[l]
    pieces[l] = piece
  },
  function splice(pieces, random, others) {
    const other = others[random.below(others.length)]
    pieces[random.below(pieces.length)] = other[random.below(other.length)]
  },
  function cut(pieces, random) {
    const k = random.below(pieces.length)
    pieces[k] = pieces[k].subarray(0, random.below(pieces[k].length + 1))
  },
]

function changeByte(pieces: Uint8Array[], random: Random): void {
  const k = random.below(pieces.length)
  const piece = pieces[k].slice()
  if (piece.length === 0) return
  // mostly in the first bytes, where a segment says what it is
  const at = random.below(random.below(2) ? piece.length : Math.min(24, piece.length))
  piece[at] = random.below(2) ? TELLING[random.below(TELLING.length)] : piece[at] ^ (1 << random.below(8))
  pieces[k] = piece
}

/**
 * A damaged copy of a valid JPEG: one to three changes.
 * @param jpeg its segments, as `split` returns them
 * @param others files of which segments are put in
 */
export function mutate(jpeg: readonly Uint8Array[], random: Random, others: readonly Uint8Array[][]): Uint8Array {
  const pieces = [...jpeg]
  for (let changes = 1 + random.below(3); changes > 0 && pieces.length > 0; changes--) {
    CHANGES[random.below(CHANGES.length)](pieces, random, others)
  }
  // the first two bytes are what makes it a JPEG: without them it never comes to the decoder
  return new Uint8Array(Buffer.concat([Buffer.of(0xff, 0xd8), ...pieces]))
}

/** The segments behind SOI, and the data of each scan. */
export function split(jpeg: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 2
  while (at < jpeg.length) {
    const start = at
    if (jpeg[at] === 0xff && jpeg[at + 1] >= 0xc0 && jpeg[at + 1] !== 0xd9 && (jpeg[at + 1] & 0xf8) !== 0xd0) {
      at += 2 + ((jpeg[at + 2] << 8) | jpeg[at + 3])
    } else {
      at += jpeg[at] === 0xff && jpeg[at + 1] === 0xd9 ? 2 : 1
      while (at < jpeg.length && !(jpeg[at] === 0xff && jpeg[at + 1] > 0 && (jpeg[at + 1] & 0xf8) !== 0xd0)) at++
    }
    pieces.push(jpeg.subarray(start, at))
  }
  return pieces
}
