/** The interface of loaded models of all types. */

/** A loaded model. Results may be views of its memory, valid until the next call. */
export interface Model {
  /**
   * The digits' scores and, from a model that knows what is none, that of OTHER.
   * @param input [784], as `preprocess` returns it
   * @returns [10] or [11], sum 1
   */
  scores(input: Uint8Array): Float32Array
  /**
   * The digits among themselves.
   * @param input [784], as `preprocess` returns it
   * @returns [10], sum 1
   */
  probabilities(input: Uint8Array): Float32Array
  /**
   * Passes with dropout; only models with dropout have it.
   * @param first number of the first pass; the number of a pass determines its masks
   * @param take called with the scores of each pass, valid until it returns
   */
  sample?(input: Uint8Array, first: number, count: number, take: (scores: Float32Array) => void): void
}
