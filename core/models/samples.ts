/** Monte Carlo dropout (Gal, Ghahramani 2016): mean and standard deviation of many passes with dropout. */

/** Mean and spread of many passes. */
export interface Spread {
  readonly mean: Float32Array // sums to 1, as each pass does
  readonly deviation: Float32Array // standard deviations; 0 after a single pass
}

/** Accumulates passes one by one, in order, without differences of large sums (Welford 1962). */
export class Samples {
  readonly #mean: Float64Array
  readonly #squares: Float64Array // sums of squared distances from the mean
  count = 0

  /** @param values number of values in each pass */
  constructor(values: number) {
    this.#mean = new Float64Array(values)
    this.#squares = new Float64Array(values)
  }

  add(probabilities: Float32Array): void {
    this.count++
    for (const [c, probability] of probabilities.entries()) {
      const before = probability - this.#mean[c]
      this.#mean[c] += before / this.count
      this.#squares[c] += before * (probability - this.#mean[c])
    }
  }

  /** Mean and spread of the passes so far, of which there must be at least one. The denominator is n. */
  spread(): Spread {
    return {
      mean: Float32Array.from(this.#mean),
      deviation: Float32Array.from(this.#squares, (sum) => Math.sqrt(sum / this.count)),
    }
  }
}
