/** Large JPEGs, made of one row of units that is repeated behind restart markers. */

import { Random } from '../../../core/random.ts'
import {
  allOf,
  EOI,
  frameHeader,
  huffman,
  join,
  type Picture,
  quantisation,
  type ScanScript,
  SOI,
  scanData,
  scanHeader,
  segment,
  unitsIn,
} from './writer.ts'

/** The order of scans that libjpeg has for three components. */
const LIBJPEG: readonly ScanScript[] = [
  { of: [0, 1, 2], start: 0, end: 0, high: 0, low: 1 },
  { of: [0], start: 1, end: 5, high: 0, low: 2 },
  { of: [2], start: 1, end: 63, high: 0, low: 1 },
  { of: [1], start: 1, end: 63, high: 0, low: 1 },
  { of: [0], start: 6, end: 63, high: 0, low: 2 },
  { of: [0], start: 1, end: 63, high: 2, low: 1 },
  { of: [0, 1, 2], start: 0, end: 0, high: 1, low: 0 },
  { of: [2], start: 1, end: 63, high: 1, low: 0 },
  { of: [1], start: 1, end: 63, high: 1, low: 0 },
  { of: [0], start: 1, end: 63, high: 1, low: 0 },
]

/** A frame of 4096 x 4096 px of one component, progressive, and tables with the codes 0 and 10 for two symbols of each class. */
export function largestFrame(dc: readonly number[], ac: readonly number[]): Uint8Array {
  const counts = [1, 1, ...Array<number>(14).fill(0)]
  const codes = segment(0xc4, [0, ...counts, ...dc, 16, ...counts, ...ac])
  const table = segment(0xdb, [0, ...Array<number>(64).fill(1)])
  return join(SOI, table, segment(0xc2, [8, 16, 0, 16, 0, 1, 1, 0x11, 0]), codes)
}

/** A scan of that component whose data are zeros: `start` to `end`, bits as in the header. */
export function zerosScan(start: number, end: number, bits: number, bytes: number): Uint8Array {
  return join(segment(0xda, [1, 1, 0, start, end, bits]), new Uint8Array(bytes))
}

/**
 * A picture of noise.
 * @param sampling of each component; the first one's is the largest
 * @param height px, whole units
 * @param density coefficients of a block that are not 0, about
 */
export function largeJpeg(
  width: number,
  height: number,
  sampling: readonly (readonly [h: number, v: number])[],
  options: { progressive: boolean; density: number; before?: readonly Uint8Array[] },
): Uint8Array {
  const { progressive, density, before = [] } = options
  const random = new Random(8, density)
  const rowHeight = 8 * sampling[0][1]
  const size = { width, height: rowHeight, components: sampling.map(([h, v]) => ({ h, v })) }
  const row: Picture = {
    width,
    height: rowHeight,
    components: sampling.map(([h, v], k) => {
      const blocks = Array.from({ length: unitsIn(size).columns * h * v }, () => {
        const block = new Int16Array(64)
        block[0] = random.below(60) - 30
        for (let n = random.below(2 * density + 1); n > 0; n--) block[random.below(64)] = random.below(9) - 4
        return block
      })
      return { id: k + 1, h, v, quantisation: Array<number>(64).fill(5), blocks }
    }),
  }
  const parts = [SOI, ...before, quantisation(row), frameHeader(row, progressive ? 0xc2 : 0xc0, height), huffman()]
  for (const scan of progressive ? LIBJPEG : [allOf(row)]) {
    const [{ h, v }] = scan.of.map((k) => row.components[k])
    const interval = scan.of.length > 1 ? unitsIn(size).columns : v * Math.ceil((width * h) / (8 * sampling[0][0]))
    const data = scanData(row, scan, { progressive })
    parts.push(segment(0xdd, [interval >> 8, interval & 255]), scanHeader(row, scan), data)
    for (let k = 1; k < height / rowHeight; k++) parts.push(Uint8Array.of(0xff, 0xd0 + ((k - 1) & 7)), data)
  }
  parts.push(EOI)
  return join(...parts)
}
