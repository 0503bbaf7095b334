/** Where models come from: folders on a phone, downloads in a browser, files read beforehand. */

import type { Card } from './card.ts'

/** A card and the bytes of the tensors it tells of, as `decodeTensors` gives them. */
export interface ModelFiles {
  readonly card: Card
  readonly data: Uint8Array
}

/** A model that is there but cannot be asked; `problem` is fit to be shown to anybody. */
export interface BrokenModel {
  readonly id: string
  readonly problem: string
}

export interface ModelSource {
  /** Cards of the models there are, each id once. A model has changed when its card is another object than before. */
  list(): readonly Card[]
  /** Those the source itself found to be broken; they are not in the list. */
  broken?(): readonly BrokenModel[]
  /** Looks for models that have come, changed or gone; called when one is asked for that is not listed. */
  refresh?(): void
  /**
   * What a model of the list consists of, its card being the one that is listed from now on.
   * @throws Error that says, fit to be shown to anybody, why it cannot be had
   */
  load(id: string): ModelFiles
}

/** Models that are in memory already. The list may grow and its entries be replaced: it is looked at anew each time. */
export function modelsAtHand(models: readonly ModelFiles[]): ModelSource {
  return {
    list: () => models.map(({ card }) => card),
    load(id) {
      const found = models.find(({ card }) => card.id === id)
      if (!found) throw new Error('it is gone')
      return found
    },
  }
}
