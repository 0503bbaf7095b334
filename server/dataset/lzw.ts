/** Undoes Unix `compress` (.Z): LZW (Welch 1984) with codes of 9 to 16 bits, as the oldest public data sets are packed. */

import { DataError } from '../../core/data/errors.ts'

const MAGIC = [0x1f, 0x9d]
const CLEAR = 256 // in block mode: clears the table
const MIN_BITS = 9
const MAX_BITS = 16
const BLOCK_MODE = 0x80
const BITS_MASK = 0x1f

/**
 * @param packed the whole file
 * @param limit bytes; a larger result is refused
 * @throws DataError bad_magic, bad_lzw, too_large
 */
export function unpackLzw(packed: Uint8Array, limit: number): Uint8Array {
  if (packed.length < 3 || packed[0] !== MAGIC[0] || packed[1] !== MAGIC[1])
    throw new DataError('bad_magic', 'not a file packed by compress')
  const most = packed[2] & BITS_MASK
  // with 9, compress writes files that it cannot read
  if (most <= MIN_BITS || most > MAX_BITS) throw new DataError('bad_lzw', `codes of ${most} bits, expected 10 to 16`)
  const block = (packed[2] & BLOCK_MODE) !== 0
  const first = block ? CLEAR + 1 : CLEAR // code of the first string of several bytes
  const prefix = new Uint16Array(1 << most)
  const suffix = new Uint8Array(1 << most)
  const reversed = new Uint8Array(1 << most) // a string, from its last byte
  const output = new Uint8Array(limit)
  let length = 0
  let [free, width, previous, lead] = [first, MIN_BITS, -1, 0]
  // Codes come in groups of eight, which are `width` bytes. A group that a change of width ends early is padded.
  let [group, bit] = [3, 0] // first byte of the groups of this width; bits read since then
  const regroup = (bits: number): void => {
    group += Math.ceil(bit / (width * 8)) * width
    bit = 0
    width = bits
  }

  for (;;) {
    if (free > (1 << width) - 1 && width < most) regroup(width + 1)
    const at = group + (bit >>> 3)
    if (group * 8 + bit + width > packed.length * 8) break
    const bits = packed[at] | (packed[at + 1] << 8) | ((packed[at + 2] ?? 0) << 16)
    const code = (bits >>> (bit & 7)) & ((1 << width) - 1)
    bit += width

    if (block && code === CLEAR) {
      regroup(MIN_BITS)
      free = first
      previous = -1
      continue
    }
    // only the next string may be used before it is in the table: the last string and its own first byte
    if (previous < 0 ? code > 255 : code > free || (code === free && free === 1 << most))
      throw new DataError('bad_lzw', `a code that stands for nothing, after ${length} bytes`)
    let depth = 0
    let string = code
    if (previous >= 0 && code === free) {
      reversed[depth++] = lead
      string = previous
    }
    while (string > 255) {
      reversed[depth++] = suffix[string]
      string = prefix[string]
    }
    lead = string
    reversed[depth++] = lead
    if (length + depth > limit) throw new DataError('too_large', `unpacks to more than ${limit} bytes`)
    while (depth > 0) output[length++] = reversed[--depth]
    if (previous >= 0 && free < 1 << most) {
      prefix[free] = previous
      suffix[free] = lead
      free++
    }
    previous = code
  }
  return output.slice(0, length)
}
