/** Where models come from: folders on a phone, downloads in a browser, files read beforehand. */

import type { Card } from './card.ts'

/** A card and the bytes of the model's tensors, as `decodeTensors` gives them. */
export interface ModelFiles {
  readonly card: Card
  readonly data: Uint8Array
}

/** A model that exists but cannot be used; `problem` is fit to be shown to anybody. */
export interface BrokenModel {
  readonly id: string
  readonly problem: string
}

export interface ModelSource {
  /** Cards of the models there are, each id once. A model has changed when its card is another object than before. */
  list(): readonly Card[]
  /** Those the source itself found to be broken; they are not in the list. */
  broken?(): readonly BrokenModel[]
  /** Looks for models that have come, changed or gone; called when a request names one that is not listed. */
  refresh?(): void
  /**
   * What a model of the list consists of, its card being the one that is listed from now on.
   * @throws Error that says, fit to be shown to anybody, why it cannot be had
   */
  load(id: string): ModelFiles
}

/** Models that are in memory already. The list may grow and its entries be replaced: every call reads it anew. */
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
