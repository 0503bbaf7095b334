/** Quantisation tables (T.81, B.2.4.1), and the zigzag order in which they and coefficients are stored. */

import { badJpeg } from './refusal.ts'

/** Coefficients of a block. */
export const COEFFICIENTS = 64

/** Place in a block, row by row, of each coefficient in zigzag order (T.81, figure 5). */
export const ZIGZAG = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
])

/**
 * Reads the tables of a segment DQT, data at file[at..end), into `tables` by their number: [64], row by row.
 * @throws InputError 422 `bad_quantisation_table`
 */
export function readQuantisation(tables: (Uint16Array | undefined)[], file: Uint8Array, at: number, end: number): void {
  while (at < end) {
    const bytes = 1 + (file[at] >> 4) // of a value
    const number = file[at] & 15
    at++
    if (bytes > 2 || number > 3)
      throw badJpeg('bad_quantisation_table', 'quantisation tables have 8 or 16 bits a value and number 0 to 3')
    if (at + COEFFICIENTS * bytes > end) throw badJpeg('bad_quantisation_table', 'a quantisation table is cut off')
    const table = new Uint16Array(COEFFICIENTS)
    for (let k = 0; k < COEFFICIENTS; k++, at += bytes) {
      const value = bytes === 1 ? file[at] : (file[at] << 8) | file[at + 1]
      if (value === 0) throw badJpeg('bad_quantisation_table', 'values of a quantisation table must be at least 1')
      table[ZIGZAG[k]] = value
    }
    tables[number] = table
  }
}
