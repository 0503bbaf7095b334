/** Writes zip archives of uncompressed members (PKWARE APPNOTE 6.3), such as NumPy's .npz. The same members give the same bytes. */

import { crc32 } from '../png/crc32.ts'

const VERSION = 20 // 2.0, of the specification
const DATE = 0x0021 // 1 January 1980, the earliest; fixed, so that archives do not depend on the date
const [LOCAL, CENTRAL, END] = [30, 46, 22] // lengths of the records without names, bytes

/** One file of an archive. */
export interface ZipMember {
  readonly name: string // ASCII
  readonly bytes: Uint8Array
}

/** Writes an archive from front to back. */
export interface ZipWriter {
  /** The header of the next member. The caller writes it, then the parts of the member. */
  member(name: string, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>
  /**
   * The directory, which follows the last member.
   * @throws RangeError beyond 65,535 members or 4 GiB
   */
  end(): Uint8Array<ArrayBuffer>
}

/** An archive that need not be in memory as a whole: only 46 bytes and the name of each member are. */
export function createZip(): ZipWriter {
  const directory: Uint8Array[] = []
  let [written, listed] = [0, 0] // bytes so far of members, of the directory

  return {
    member(name, parts) {
      const letters = Uint8Array.from(name, (letter) => letter.charCodeAt(0))
      const crc = parts.reduce((sum, bytes) => crc32(bytes, 0, bytes.length, sum), 0)
      const size = parts.reduce((sum, { length }) => sum + length, 0)

      const entry = new Uint8Array(CENTRAL + letters.length)
      const listing = new DataView(entry.buffer)
      listing.setUint32(0, 0x0201_4b50, true)
      listing.setUint16(4, VERSION, true) // made by
      describe(listing, 6, crc, size, letters.length)
      listing.setUint32(42, written, true)
      entry.set(letters, CENTRAL)
      directory.push(entry)
      listed += entry.length

      const head = new Uint8Array(LOCAL + letters.length)
      const view = new DataView(head.buffer)
      view.setUint32(0, 0x0403_4b50, true)
      describe(view, 4, crc, size, letters.length)
      head.set(letters, LOCAL)
      written += head.length + size
      return head
    },

    end() {
      if (directory.length > 0xffff || written + listed > 0xffff_ffff) {
        throw new RangeError('too much for a plain zip archive')
      }
      const file = new Uint8Array(listed + END)
      const view = new DataView(file.buffer)
      let at = 0
      for (const entry of directory) {
        file.set(entry, at)
        at += entry.length
      }
      view.setUint32(at, 0x0605_4b50, true)
      view.setUint16(at + 8, directory.length, true)
      view.setUint16(at + 10, directory.length, true)
      view.setUint32(at + 12, listed, true)
      view.setUint32(at + 16, written, true)
      return file
    },
  }
}

/**
 * The archive of these members, in their order.
 * @throws RangeError beyond 65,535 members or 4 GiB
 */
export function zip(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const writer = createZip()
  const parts = members.flatMap(({ name, bytes }) => [writer.member(name, [bytes]), bytes])
  parts.push(writer.end())
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

// The fields that both records of a member have: version needed, flags 0, method 0 (stored), time 0, date, CRC, sizes, length of name.
function describe(view: DataView, at: number, crc: number, size: number, name: number): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 8, DATE, true)
  view.setInt32(at + 10, crc, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, name, true)
}
