/** Monte Carlo dropout (Gal, Ghahramani 2016): many passes with dropout left on, summed up as their mean and their spread. */

/** Mean and spread of many passes. */
export interface Spread {
  readonly mean: Float32Array // sums to 1 as the passes do
  readonly deviation: Float32Array // standard deviations; 0 after a single pass
}

/** Sums up passes one by one (Welford 1962: no difference of large sums), in the order they come. */
export class Samples {
  readonly #mean: Float64Array
  readonly #squares: Float64Array // sums of squared distances from the mean
  count = 0

  /** @param values in each pass */
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

  /** Of the passes so far, at least one. The denominator is n: they are the whole population, not a sample of it. */
  spread(): Spread {
    return {
      mean: Float32Array.from(this.#mean),
      deviation: Float32Array.from(this.#squares, (sum) => Math.sqrt(sum / this.count)),
    }
  }
}
