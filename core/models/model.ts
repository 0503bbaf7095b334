/** What every model answers with, whatever it is inside: 784 bytes in, ten probabilities out. */

/** A model that is loaded. What it gives may be a view of its memory: good until the next call. */
export interface Model {
  /** Ten probabilities, sum 1, of an input of 784 bytes as `preprocess` gives it. */
  probabilities(input: Uint8Array): Float32Array
  /**
   * The same in `count` passes with dropout, each with the masks of its number, counted from `first`; only of models with
   * dropout. `take` is given each pass's ten probabilities, good until it returns.
   */
  sample?(input: Uint8Array, first: number, count: number, take: (probabilities: Float32Array) => void): void
}
