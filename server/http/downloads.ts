/** Files on their way to several clients at once: held once, and only for as long as one of the answers still needs them. */

import type { ExportedFile } from '../models/export.ts'

/**
 * @returns gives the file of a key, made anew unless an answer that is still being sent holds its bytes. Slow readers can
 *   then not fill the memory with copies.
 */
export function createSharing(): (key: string, make: () => ExportedFile) => ExportedFile {
  const kept = new Map<
    string,
    { readonly filename: string; readonly type: string; readonly buffer: WeakRef<ArrayBuffer> }
  >()

  return (key, make) => {
    const found = kept.get(key)
    const buffer = found?.buffer.deref()
    if (found && buffer) return { filename: found.filename, type: found.type, bytes: new Uint8Array(buffer) }
    for (const [other, { buffer }] of kept) if (buffer.deref() === undefined) kept.delete(other)
    const { filename, type, bytes } = make()
    // a view of part of a buffer would hold all of it, and come back as all of it
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
    kept.set(key, { filename, type, buffer: new WeakRef(own.buffer) })
    return { filename, type, bytes: own }
  }
}
