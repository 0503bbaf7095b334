/** The orientation that a camera notes in a photograph's EXIF data (EXIF 2.32, section 4.6). Nothing else of EXIF is read. */

/** Upright: what counts where nothing is noted, or nothing that is valid. */
export const UPRIGHT = 1

/** Bytes of a TIFF header (byte order, 42, place of the first directory), and of an entry of a directory. */
const HEADER = 8
const ENTRY = 12

const ORIENTATION = 0x0112 // tag
const SHORT = 3 // type of a value: 16 bits

/**
 * The value of tag Orientation in the first directory: 1 upright, 2 mirrored, 3 turned by 180 degrees, 4 upside down and mirrored,
 * 5 transposed, 6 to be turned clockwise, 7 transposed along the other diagonal, 8 to be turned anticlockwise.
 * @param tiff data of a PNG's eXIf chunk, or of a JPEG's APP1 segment behind `Exif\0\0`: a TIFF file
 * @returns 1 to 8; 1 without the tag, and for whatever is malformed
 */
export function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < HEADER) return UPRIGHT
  const little = tiff[0] === 0x49 && tiff[1] === 0x49 // II, else MM
  if (!little && (tiff[0] !== 0x4d || tiff[1] !== 0x4d)) return UPRIGHT
  const u16 = (at: number) => (little ? tiff[at] | (tiff[at + 1] << 8) : (tiff[at] << 8) | tiff[at + 1])
  const u32 = (at: number) => (little ? u16(at + 2) * 0x10000 + u16(at) : u16(at) * 0x10000 + u16(at + 2))
  if (u16(2) !== 42) return UPRIGHT
  const directory = u32(4)
  if (directory < HEADER || directory + 2 > tiff.length) return UPRIGHT
  const end = directory + 2 + u16(directory) * ENTRY
  if (end > tiff.length) return UPRIGHT
  for (let at = directory + 2; at < end; at += ENTRY) {
    if (u16(at) !== ORIENTATION) continue
    if (u16(at + 2) !== SHORT || u32(at + 4) !== 1) return UPRIGHT
    const value = u16(at + 8)
    return value >= 1 && value <= 8 ? value : UPRIGHT
  }
  return UPRIGHT
}
