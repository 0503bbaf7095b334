/** Sources of models: folders on a phone, downloads in a browser, models in memory. */

import type { Card } from './card.ts'

/** A card and the bytes of the model's tensors, as `decodeTensors` returns them. */
export interface ModelFiles {
  readonly card: Card
  readonly data: Uint8Array
}

/** A model that exists but cannot be used. `problem` may be shown to anybody. */
export interface BrokenModel {
  readonly id: string
  readonly problem: string
}

export interface ModelSource {
  /** Cards of all usable models, each id once. A model has changed if its card is another object than before. */
  list(): readonly Card[]
  /** Models that the source found to be broken. They are not in the list. */
  broken?(): readonly BrokenModel[]
  /** Looks for a model that is not in the list. Called when a request names it. */
  refresh?(id: string): void
  /**
   * Card and data of a model of the list. The list has this card from now on.
   * @throws Error with the reason, which may be shown to anybody
   */
  load(id: string): ModelFiles
}

/** A source of models in memory. The array may change: every call reads it anew. */
export function modelsInMemory(models: readonly ModelFiles[]): ModelSource {
  return {
    list: () => models.map(({ card }) => card),
    load(id) {
      const found = models.find(({ card }) => card.id === id)
      if (!found) throw new Error('it is gone')
      return found
    },
  }
}
