/** SHA-256, the digest that names weights and data files. Of a text it is the digest of its UTF-8. */

import { createHash } from 'node:crypto'

/** In lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** As 32 bytes. */
export function sha256Bytes(content: string | Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}
