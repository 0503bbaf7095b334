/**
 * The bits of a scan, from the highest of each byte on (T.81, F.2.2.5). A byte 0 that follows 0xFF is left out; where a marker begins,
 * the data ends, and zeros follow. Who reads them all the same is told by `isOverrun`.
 */

/** A place in the data of a scan. */
export interface Bits {
  readonly data: Uint8Array // the file; a marker follows the scan's data
  at: number // of the next byte
  buffer: number // the lowest `count` bits are the next ones; below 2^30, so that it fits V8's small integers on 32 bits
  count: number // 0..30
  padding: number // zeros added behind the data since the last restart
}

const BUFFER_BITS = 30
const BUFFER_MASK = 0x3fff_ffff

/** Starts to read at a position, the first of the data or the one behind a restart marker. */
export function seek(bits: Bits, at: number): void {
  bits.at = at
  bits.buffer = 0
  bits.count = 0
  bits.padding = 0
}

/** Makes sure that 23 bits can be read from the buffer. */
export function fill(bits: Bits): void {
  const { data } = bits
  let { at, buffer, count } = bits
  while (count <= BUFFER_BITS - 8) {
    const byte = data[at]
    if (byte !== 0xff) {
      at++
      buffer = ((buffer << 8) | byte) & BUFFER_MASK
    } else if (data[at + 1] === 0) {
      at += 2
      buffer = ((buffer << 8) | 0xff) & BUFFER_MASK
    } else {
      buffer = (buffer << 8) & BUFFER_MASK
      bits.padding += 8
    }
    count += 8
  }
  bits.at = at
  bits.buffer = buffer
  bits.count = count
}

/** Whether more bits were read than there are before the next marker. */
export function isOverrun(bits: Bits): boolean {
  return bits.padding > bits.count
}

/** The next bit. */
export function readBit(bits: Bits): number {
  if (bits.count === 0) fill(bits)
  return (bits.buffer >> --bits.count) & 1
}

/** The next 0 to 16 bits as an unsigned integer. */
export function readBits(bits: Bits, length: number): number {
  if (bits.count < length) fill(bits)
  bits.count -= length
  return (bits.buffer >> bits.count) & ((1 << length) - 1)
}

/** The next 1 to 15 bits as a signed integer: 0... is negative (T.81, F.2.2.1, EXTEND). */
export function readSigned(bits: Bits, length: number): number {
  const value = readBits(bits, length)
  return value >> (length - 1) ? value : value - (1 << length) + 1
}
