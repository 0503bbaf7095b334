/** Decodes one scan of a JPEG, a row of units at a time, so that several scans can be decoded side by side. */

import { type Bits, isOverrun, seek } from './bits.ts'
import { decodeBand, decodeBlock, decodeFirst, type PartState, refineBand, refineFirst } from './blocks.ts'
import { buildTable, type HuffmanDefinition, type HuffmanTable } from './huffman.ts'
import type { Plane, Units } from './plane.ts'
import { badJpeg, cutOff } from './refusal.ts'
import type { ScanHeader } from './scan-header.ts'

/** Second byte of the first of the eight restart markers. */
const RST0 = 0xd0

/** A scan that is being decoded. */
export interface Scan {
  readonly bits: Bits
  readonly parts: readonly PartState[]
  readonly decode: (part: PartState, block: number) => void
  readonly restartInterval: number // units; 0: none
  unitsLeft: number // before the next restart marker
  restarts: number
}

/**
 * A scan at its beginning.
 * @param tables those built so far, by their definitions
 */
export function beginScan(
  file: Uint8Array,
  { parts, start, end, refining, shift, restartInterval, at }: ScanHeader,
  planes: readonly Plane[],
  progressive: boolean,
  tables: Map<HuffmanDefinition, HuffmanTable>,
): Scan {
  const bits = { data: file, at, buffer: 0, count: 0, padding: 0 }
  const tableOf = (definition: HuffmanDefinition | undefined) => {
    if (definition === undefined) return undefined
    const table = tables.get(definition) ?? buildTable(definition)
    tables.set(definition, table)
    return table
  }
  return {
    bits,
    parts: parts.map(({ index, dc, ac }) => ({
      bits,
      plane: planes[index],
      dc: tableOf(dc),
      ac: tableOf(ac),
      start,
      end,
      shift,
      predictor: 0,
      bandsEmpty: 0,
    })),
    decode: progressive ? chooseDecoder(start, refining) : decodeBlock,
    restartInterval,
    unitsLeft: restartInterval,
    restarts: 0,
  }
}

/** What decodes a block in a scan of a progressive file. */
function chooseDecoder(start: number, refining: boolean): Scan['decode'] {
  if (start === 0) return refining ? refineFirst : decodeFirst
  return refining ? refineBand : decodeBand
}

/**
 * Decodes what a scan has of a row of units, into the coefficients of its planes.
 * @returns blocks and bytes read: a measure of the work
 * @throws InputError 422 `truncated`, `bad_scan_data`, `bad_restart`
 */
export function decodeUnitRow(scan: Scan, row: number, units: Units): number {
  const from = scan.bits.at
  const blocks = scan.parts.length === 1 ? decodeBlockRows(scan, row) : decodeUnits(scan, units)
  if (isOverrun(scan.bits)) throw cutOff('its last block')
  return blocks + scan.bits.at - from
}

/** A scan of one component has only the blocks with pixels in them, row by row, each a unit. */
function decodeBlockRows(scan: Scan, row: number): number {
  const { decode, parts, restartInterval } = scan
  const [part] = parts
  const { v, columns, rows, stride } = part.plane
  const last = Math.min(v, rows - row * v)
  for (let y = 0; y < last; y++) {
    let x = 0
    while (x < columns) {
      const left = restartInterval > 0 ? Math.min(columns - x, scan.unitsLeft) : columns - x
      if (decode === decodeBand && part.bandsEmpty > 0 && left > 0) {
        const empty = Math.min(part.bandsEmpty, left) // nothing is read for these
        part.bandsEmpty -= empty
        scan.unitsLeft -= empty
        x += empty
        continue
      }
      if (restartInterval > 0 && scan.unitsLeft-- === 0) restart(scan)
      decode(part, y * stride + x)
      x++
    }
  }
  return last * columns
}

function decodeUnits(scan: Scan, units: Units): number {
  const { decode, parts, restartInterval } = scan
  for (let unit = 0; unit < units.columns; unit++) {
    if (restartInterval > 0 && scan.unitsLeft-- === 0) restart(scan)
    for (const part of parts) {
      const { h, v, stride } = part.plane
      for (let y = 0; y < v; y++) for (let x = 0; x < h; x++) decode(part, y * stride + unit * h + x)
    }
  }
  return parts.reduce((sum, { plane }) => sum + plane.v * plane.stride, 0)
}

/** Goes on behind the next restart marker. The unit that follows counts as begun. */
function restart(scan: Scan): void {
  const { bits, parts } = scan
  if (isOverrun(bits)) throw cutOff('its last block')
  const { data } = bits
  let { at } = bits
  while (data[at] !== 0xff || data[at + 1] === 0 || data[at + 1] === 0xff) at++ // a marker follows the scan's data
  if (data[at + 1] !== RST0 + (scan.restarts & 7)) {
    throw badJpeg('bad_restart', `restart marker ${scan.restarts & 7} of 0 to 7 is due, got another marker`)
  }
  seek(bits, at + 2)
  for (const part of parts) {
    part.predictor = 0
    part.bandsEmpty = 0
  }
  scan.restarts++
  scan.unitsLeft = scan.restartInterval - 1
}
