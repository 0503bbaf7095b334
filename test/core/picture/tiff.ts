/** Writes the TIFF file that EXIF data is, with an orientation in it. */

/** A tag that stands before Orientation: ImageWidth, a LONG. */
const OTHER = [0x0100, 4, 1, 4032] as const

/**
 * A TIFF file whose first directory has Orientation as its last entry.
 * @param before entries before it
 * @param gap bytes between header and directory
 */
export function tiffOf(file: { order: 'II' | 'MM'; value: number; before?: number; gap?: number }): Uint8Array {
  const { order, value, before = 0, gap = 0 } = file
  const little = order === 'II'
  const directory = 8 + gap
  const tiff = new Uint8Array(directory + 2 + 12 * (before + 1) + 4)
  const view = new DataView(tiff.buffer)
  tiff.set([order.charCodeAt(0), order.charCodeAt(1)])
  view.setUint16(2, 42, little)
  view.setUint32(4, directory, little)
  view.setUint16(directory, before + 1, little)
  for (let k = 0; k <= before; k++) {
    const at = directory + 2 + 12 * k
    const [tag, type, count, content] = k < before ? OTHER : ([0x0112, 3, 1, value] as const)
    view.setUint16(at, tag, little)
    view.setUint16(at + 2, type, little)
    view.setUint32(at + 4, count, little)
    if (type === 3) view.setUint16(at + 8, content, little)
    else view.setUint32(at + 8, content, little)
  }
  return tiff
}
