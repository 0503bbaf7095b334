/** SHA-256, the digest that names weights and data files. */

import { createHash } from 'node:crypto'

/** In lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** As 32 bytes. Of a text, the digest of its UTF-8. */
export function sha256Bytes(content: string | Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}
