/** The models that the server answers with, as the routes need them. */

import type { Card } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'

/** The models behind the recogniser, wherever they are kept. */
export interface ModelStore {
  /** Looks for models that have come, changed or gone, at most once a second. */
  refresh(): void
  /** Reads those that nobody has asked yet, so that the broken ones are known; `breathe` is awaited after each. */
  verify(breathe: () => Promise<void>): Promise<void>
  /** The bytes of a model's tensors, those served unless a version is named. Throws Error when they cannot be had. */
  load(id: string, version?: number): ModelFiles
  /** A model's weights file likewise; downloads at the same time share it. Throws Error when it cannot be had. */
  file(id: string, version?: number): Uint8Array
  /** Card of a version that is kept, by its number, the SHA-256 of its weights, or both; where models have versions. */
  find?(id: string, wanted: { readonly version?: number; readonly sha256?: string }): Card | undefined
}
