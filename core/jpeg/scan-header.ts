/** The header of a scan (T.81, B.2.3): which coefficients of which components follow, and how they are coded. */

import type { FrameHeader } from './frame.ts'
import type { HuffmanDefinition } from './huffman.ts'
import { COEFFICIENTS } from './quantisation.ts'
import { badJpeg } from './refusal.ts'

/** Most blocks of a unit of several components. */
const MAX_UNIT = 10

/** Largest shift of a coefficient that a progressive file leaves to later scans, bits. */
const MAX_SHIFT = 13

/** A component's part in a scan. */
export interface ScanPart {
  readonly index: number // of the component in the frame
  readonly dc: HuffmanDefinition | undefined // where the scan needs it
  readonly ac: HuffmanDefinition | undefined
}

export interface ScanHeader {
  readonly parts: readonly ScanPart[]
  readonly start: number // first coefficient in zigzag order, 0..63
  readonly end: number // last coefficient, start..63
  readonly refining: boolean // one more bit of each coefficient, which scans before began
  readonly shift: number // bits of a coefficient that are left to later scans, 0..13
  readonly restartInterval: number // units between restart markers; 0: there are none
  readonly at: number // position of the data
}

/**
 * Reads a segment SOS, data at file[at..end).
 * @param dc, ac Huffman tables by their number, as they are when the scan begins
 * @throws InputError 422 `bad_scan_header`, `bad_huffman_table`
 */
export function readScanHeader(
  file: Uint8Array,
  at: number,
  end: number,
  { progressive, components }: FrameHeader,
  dc: readonly (HuffmanDefinition | undefined)[],
  ac: readonly (HuffmanDefinition | undefined)[],
  restartInterval: number,
): ScanHeader {
  const count = at < end ? file[at] : 0
  if (count < 1 || count > components.length || end - at !== 4 + 2 * count) {
    throw badJpeg(
      'bad_scan_header',
      `a scan header of ${end - at} bytes does not fit ${count} of ${components.length} components`,
    )
  }
  const spectrum = at + 1 + 2 * count
  // in files that are not progressive these three have no choice, and some encoders leave them 0
  const start = progressive ? file[spectrum] : 0
  const last = progressive ? file[spectrum + 1] : COEFFICIENTS - 1
  const before = progressive ? file[spectrum + 2] >> 4 : 0
  const shift = progressive ? file[spectrum + 2] & 15 : 0
  if (last >= COEFFICIENTS || start > last)
    throw badJpeg('bad_scan_header', `coefficients ${start} to ${last} are no part of 0 to 63`)
  if (progressive && start === 0 && last > 0)
    throw badJpeg('bad_scan_header', 'the first coefficient must have scans of its own')
  if (start > 0 && count > 1)
    throw badJpeg('bad_scan_header', `coefficients from ${start} on must have scans for each component`)
  if (shift > MAX_SHIFT || (before > 0 && before !== shift + 1))
    throw badJpeg('bad_scan_header', `bits ${before} to ${shift} do not fit`)
  const refining = before > 0
  const parts: ScanPart[] = []
  let blocks = 0
  for (let k = at + 1; k < spectrum; k += 2) {
    const index = components.findIndex(({ id }) => id === file[k])
    if (index < 0 || parts.some((part) => part.index === index))
      throw badJpeg('bad_scan_header', 'components must be of the frame, each once')
    blocks += components[index].h * components[index].v
    parts.push({
      index,
      dc: start === 0 && !refining ? tableOf(dc, file[k + 1] >> 4) : undefined,
      ac: last > 0 ? tableOf(ac, file[k + 1] & 15) : undefined,
    })
  }
  if (count > 1 && blocks > MAX_UNIT)
    throw badJpeg('bad_scan_header', `a unit must have at most ${MAX_UNIT} blocks, got ${blocks}`)
  return { parts, start, end: last, refining, shift, restartInterval, at: end }
}

function tableOf(tables: readonly (HuffmanDefinition | undefined)[], number: number): HuffmanDefinition {
  const table = tables[number]
  if (table === undefined) throw badJpeg('bad_huffman_table', `Huffman table ${number} is missing`)
  return table
}
