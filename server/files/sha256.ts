/** The digest that names weights and data files. */

import { createHash } from 'node:crypto'

/** SHA-256 of some bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
