/** Decodes the coefficients of one block from the bits of one scan (T.81, F.2.2 and G.2). */

import type { InputError } from '../errors.ts'
import { type Bits, fill, readBit, readBits, readSigned } from './bits.ts'
import { type HuffmanTable, readSymbol } from './huffman.ts'
import type { Plane } from './plane.ts'
import { COEFFICIENTS, ZIGZAG } from './quantisation.ts'
import { badJpeg } from './refusal.ts'

/** What decoding one component in one scan needs and keeps. */
export interface PartState {
  readonly bits: Bits // of the scan: shared by its components
  readonly plane: Plane
  readonly dc: HuffmanTable | undefined
  readonly ac: HuffmanTable | undefined
  readonly start: number // coefficients of the scan in zigzag order
  readonly end: number
  readonly shift: number
  predictor: number // the first coefficient of the block before
  bandsEmpty: number // blocks that follow without a code of their own: EOBRUN
}

/** A block of a file that is not progressive: all coefficients. */
export function decodeBlock(part: PartState, block: number): void {
  const { bits, plane, ac } = part
  const { coefficients } = plane
  const from = block * COEFFICIENTS
  coefficients[from] = nextFirst(part)
  let k = 1
  let extent = 0
  while (k < COEFFICIENTS) {
    const symbol = readSymbol(bits, ac as HuffmanTable)
    const size = symbol & 15
    const run = symbol >> 4
    if (size === 0) {
      if (run < 15) break
      k += 16
      continue
    }
    k += run
    if (k >= COEFFICIENTS) throw tooLong()
    coefficients[from + ZIGZAG[k]] = readSigned(bits, size)
    extent = k++
  }
  plane.extents[block] = extent
}

/** The first coefficient, in a progressive file's first scan of it. */
export function decodeFirst(part: PartState, block: number): void {
  part.plane.coefficients[block * COEFFICIENTS] = nextFirst(part) << part.shift
}

/** One more bit of the first coefficient. */
export function refineFirst({ bits, plane, shift }: PartState, block: number): void {
  if (readBit(bits)) plane.coefficients[block * COEFFICIENTS] |= 1 << shift
}

function nextFirst(part: PartState): number {
  const { bits, dc } = part
  const size = readSymbol(bits, dc as HuffmanTable)
  if (size > 15) throw badJpeg('bad_scan_data', `a difference of ${size} bits is too long`)
  if (size > 0) part.predictor = (part.predictor + readSigned(bits, size)) | 0
  return part.predictor
}

/** Further coefficients, in a progressive file's first scan of them. `bandsEmpty` must be 0, and counts blocks behind this one after it. */
export function decodeBand(part: PartState, block: number): void {
  const { bits, plane, ac, end, shift } = part
  const { coefficients, extents } = plane
  const from = block * COEFFICIENTS
  for (let k = part.start; k <= end; k++) {
    const symbol = readSymbol(bits, ac as HuffmanTable)
    const size = symbol & 15
    const run = symbol >> 4
    if (size === 0) {
      if (run < 15) {
        part.bandsEmpty = (1 << run) - 1 + readBits(bits, run)
        return
      }
      k += 15
      continue
    }
    k += run
    if (k > end) throw tooLong()
    coefficients[from + ZIGZAG[k]] = readSigned(bits, size) << shift
    if (k > extents[block]) extents[block] = k
  }
}

/** One more bit of further coefficients. */
export function refineBand(part: PartState, block: number): void {
  const { bits, plane, ac, end, shift } = part
  const { coefficients, extents } = plane
  const from = block * COEFFICIENTS
  const one = 1 << shift
  let k = part.start
  if (part.bandsEmpty === 0) {
    while (k <= end) {
      const symbol = readSymbol(bits, ac as HuffmanTable)
      let run = symbol >> 4
      let value = 0
      if ((symbol & 15) !== 0) value = readBit(bits) ? one : -one
      else if (run < 15) {
        part.bandsEmpty = (1 << run) + readBits(bits, run)
        break
      }
      // past `run` coefficients that are 0 so far, to the next such one: those between get their bit
      while (k <= end) {
        const at = from + ZIGZAG[k]
        if (coefficients[at] !== 0) refine(bits, coefficients, at, one)
        else if (run-- === 0) break
        k++
      }
      if (value !== 0) {
        if (k > end) throw tooLong()
        coefficients[from + ZIGZAG[k]] = value
        if (k > extents[block]) extents[block] = k
      }
      k++
    }
  }
  if (part.bandsEmpty === 0) return
  part.bandsEmpty--
  const last = Math.min(end, extents[block])
  for (; k <= last; k++) {
    const at = from + ZIGZAG[k]
    if (coefficients[at] !== 0) refine(bits, coefficients, at, one)
  }
}

/** The bit says whether a coefficient is further from 0 by `one`. */
function refine(bits: Bits, coefficients: Int16Array, at: number, one: number): void {
  if (bits.count === 0) fill(bits)
  if (((bits.buffer >> --bits.count) & 1) === 0) return
  const value = coefficients[at]
  if ((value & one) === 0) coefficients[at] = value > 0 ? value + one : value - one
}

function tooLong(): InputError {
  return badJpeg('bad_scan_data', 'a block has more coefficients than its scan')
}
