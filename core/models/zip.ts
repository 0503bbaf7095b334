/** Zip archives of uncompressed members (PKWARE APPNOTE 6.3), as NumPy's .npz is one: the same members give the same bytes. */

import { crc32 } from '../png/crc32.ts'

const VERSION = 20 // 2.0, of the specification
const DATE = 0x0021 // 1 January 1980, the first there is: when is no part of what
const [LOCAL, CENTRAL, END] = [30, 46, 22] // bytes of the records without names

/** One file of an archive. */
export interface ZipMember {
  readonly name: string // ASCII
  readonly bytes: Uint8Array
}

/**
 * The archive of these members, in their order.
 * @throws RangeError beyond 65,535 members or 4 GiB
 */
export function zip(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const names = members.map(({ name }) => Uint8Array.from(name, (letter) => letter.charCodeAt(0)))
  const nameBytes = names.reduce((sum, { length }) => sum + length, 0)
  const data = members.reduce((sum, { bytes }) => sum + LOCAL + bytes.length, nameBytes)
  const directory = CENTRAL * members.length + nameBytes
  if (members.length > 0xffff || data + directory > 0xffff_ffff)
    throw new RangeError('too much for a plain zip archive')

  const file = new Uint8Array(data + directory + END)
  const view = new DataView(file.buffer)
  let [at, entry] = [0, data]
  for (const [i, { bytes }] of members.entries()) {
    const crc = crc32(bytes, 0, bytes.length)
    view.setUint32(at, 0x0403_4b50, true)
    describe(view, at + 4, crc, bytes.length, names[i].length)
    file.set(names[i], at + LOCAL)
    file.set(bytes, at + LOCAL + names[i].length)

    view.setUint32(entry, 0x0201_4b50, true)
    view.setUint16(entry + 4, VERSION, true) // made by
    describe(view, entry + 6, crc, bytes.length, names[i].length)
    view.setUint32(entry + 42, at, true)
    file.set(names[i], entry + CENTRAL)

    at += LOCAL + names[i].length + bytes.length
    entry += CENTRAL + names[i].length
  }
  view.setUint32(entry, 0x0605_4b50, true)
  view.setUint16(entry + 8, members.length, true)
  view.setUint16(entry + 10, members.length, true)
  view.setUint32(entry + 12, directory, true)
  view.setUint32(entry + 16, data, true)
  return file
}

// What both records of a member hold: version needed, flags 0, method 0 (stored), time 0, date, CRC, sizes, length of the name.
function describe(view: DataView, at: number, crc: number, size: number, name: number): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 8, DATE, true)
  view.setInt32(at + 10, crc, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, name, true)
}
