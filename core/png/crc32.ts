/** CRC-32 of PNG chunks and zip members: polynomial 0xEDB88320, reflected (PNG specification, annex D). */

/**
 * Four tables of 256 entries: `TABLES[256 * k + byte]` is the CRC of `byte` followed by k zero bytes, so that four bytes
 * are processed at a time (slicing-by-4; Kounavis, Berry 2005).
 */
const TABLES = new Int32Array(4 * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  TABLES[byte] = crc
}
for (let i = 256; i < TABLES.length; i++) {
  const shorter = TABLES[i - 256]
  TABLES[i] = (shorter >>> 8) ^ TABLES[shorter & 0xff]
}

/**
 * CRC-32 of bytes[start..end), as a signed 32-bit integer.
 * @param before CRC of the bytes that precede them
 */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  let crc = ~before
  let at = start
  for (const wholeWords = end - 3; at < wholeWords; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    crc =
      TABLES[768 + (crc & 0xff)] ^
      TABLES[512 + ((crc >>> 8) & 0xff)] ^
      TABLES[256 + ((crc >>> 16) & 0xff)] ^
      TABLES[crc >>> 24]
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLES[(crc ^ bytes[at]) & 0xff]
  return ~crc
}
