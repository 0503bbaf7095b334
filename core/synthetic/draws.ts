/** Random draws in the forms that generators of drawings ask for. */

import { Random } from '../random.ts'

/** Draws of one drawing or writer. Every draw takes one counter, so that what follows is the same on every machine. */
export class Draws extends Random {
  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** True in the given share of draws, 0..1. */
  chance(share: number): boolean {
    return this.uniform() < share
  }

  /** In (-1, 1) with mean 0, mostly small: the sum of two uniform draws. */
  centred(): number {
    return this.uniform() + this.uniform() - 1
  }

  /** One of a list, each as often as its weight says. */
  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T {
    let left = this.uniform() * choices.reduce((sum, { weight }) => sum + weight, 0)
    for (const choice of choices) {
      left -= choice.weight
      if (left < 0) return choice
    }
    return choices[choices.length - 1]
  }
}
