/** Huffman tables of a JPEG (T.81, annex C and F.2.2.3): their definitions, checked, and the symbols of codes. */

import { type Bits, fill } from './bits.ts'
import { badJpeg, cutOff } from './refusal.ts'

/** Longest code, bits. */
const LONGEST = 16

/** Codes up to this length are looked up at once, bits. */
const SHORT = 9

/** What a file says of a table: the number of codes of each length, and the symbols in the order of their codes. */
export interface HuffmanDefinition {
  readonly counts: Uint8Array // [16], of lengths 1 to 16
  readonly symbols: Uint8Array
}

export interface HuffmanTable {
  /** By the next 9 bits: length << 8 | symbol of the code that they begin with; 0 where it is longer or there is none. */
  readonly short: Uint16Array
  readonly last: Int32Array // [17], the last code of each length; -1 where there is none
  readonly shift: Int32Array // [17], from a code of each length to the index of its symbol
  readonly symbols: Uint8Array
}

/**
 * Reads the definition at file[at..end).
 * @throws InputError 422 `bad_huffman_table`
 */
export function readDefinition(file: Uint8Array, at: number, end: number): HuffmanDefinition {
  if (at + LONGEST > end) throw badJpeg('bad_huffman_table', 'a Huffman table is cut off')
  const counts = file.subarray(at, at + LONGEST)
  let total = 0
  let free = 1 // codes of this length that begin with no shorter code
  for (const count of counts) {
    free = 2 * free - count
    if (free < 0) throw badJpeg('bad_huffman_table', 'a Huffman table has more codes than there are')
    total += count
  }
  if (total > 256) throw badJpeg('bad_huffman_table', `a Huffman table has at most 256 symbols, got ${total}`)
  if (at + LONGEST + total > end) throw badJpeg('bad_huffman_table', 'a Huffman table is cut off')
  return { counts, symbols: file.subarray(at + LONGEST, at + LONGEST + total) }
}

/** The table of a definition. */
export function buildTable({ counts, symbols }: HuffmanDefinition): HuffmanTable {
  const short = new Uint16Array(1 << SHORT)
  const last = new Int32Array(LONGEST + 1).fill(-1)
  const shift = new Int32Array(LONGEST + 1)
  let code = 0
  let index = 0
  for (let length = 1; length <= LONGEST; length++) {
    const count = counts[length - 1]
    shift[length] = index - code
    if (count > 0) last[length] = code + count - 1
    for (let k = 0; k < count; k++, code++, index++) {
      if (length > SHORT) continue
      const from = code << (SHORT - length)
      short.fill((length << 8) | symbols[index], from, from + (1 << (SHORT - length)))
    }
    code <<= 1
  }
  return { short, last, shift, symbols }
}

/**
 * The symbol of the next code.
 * @throws InputError 422 `bad_scan_data` where no code begins with the next bits
 */
export function readSymbol(bits: Bits, table: HuffmanTable): number {
  if (bits.count < LONGEST) fill(bits)
  const entry = table.short[(bits.buffer >> (bits.count - SHORT)) & ((1 << SHORT) - 1)]
  if (entry === 0) return readLongSymbol(bits, table)
  bits.count -= entry >> 8
  return entry & 0xff
}

function readLongSymbol(bits: Bits, { last, shift, symbols }: HuffmanTable): number {
  for (let length = SHORT + 1; length <= LONGEST; length++) {
    const code = (bits.buffer >> (bits.count - length)) & ((1 << length) - 1)
    if (code > last[length]) continue
    bits.count -= length
    return symbols[code + shift[length]]
  }
  if (bits.padding > 0) throw cutOff('its last block')
  throw badJpeg('bad_scan_data', 'the image data has a code that is in no Huffman table')
}
