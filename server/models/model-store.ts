/** The models that the server answers with, as the routes need them. */

import type { Card } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'

/** The models of the recogniser, wherever they are stored. */
export interface ModelStore {
  /** Looks for models that were added, changed or removed, at most once a second; `pause` is awaited between two pieces of it. */
  rescan(pause: () => Promise<void>): Promise<void>
  /**
   * Reads those that were not used yet, so that the broken ones are known; `pause` is awaited after each. It takes a part of a
   * second: of thousands it reads some, and the next call reads on.
   */
  verify(pause: () => Promise<void>): Promise<void>
  /** The bytes of a model's tensors, of the served version unless one is named. Throws Error where they cannot be read. */
  load(id: string, version?: number): ModelFiles
  /** A model's weights file likewise, byte for byte. Throws Error where it cannot be read. */
  file(id: string, version?: number): Uint8Array<ArrayBuffer>
  /** Card of a version that is kept, by its number, the SHA-256 of its weights, or both. Missing where models have no versions. */
  find?(id: string, wanted: { readonly version?: number; readonly sha256?: string }): Card | undefined
}
