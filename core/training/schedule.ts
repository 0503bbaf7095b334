/** The learning rate over a training run. Only + - * / of f64, so that it is the same on every machine. */

import type { Recipe } from '../models/recipe.ts'

/**
 * The learning rate of a step.
 * @param progress share of the run that is done, 0..1
 */
export function learningRate({ rate, schedule, warmup, epochs }: Recipe, progress: number): number {
  const rise = warmup / epochs
  if (progress < rise) return (rate * progress) / rise + rate / 1e6 // never 0, or the first step would have no effect
  const t = (progress - rise) / (1 - rise)
  switch (schedule) {
    case 'constant':
      return rate
    case 'linear':
      return rate * (1 - t)
    case 'cosine':
      return (rate * (1 + cosineOfHalfTurn(t))) / 2
    case 'step':
      return t < 0.5 ? rate : t < 0.75 ? rate / 10 : rate / 100
  }
}

/** cos(pi t) for t in [0, 1], error below 1e-9: Taylor series about t = 1/2, an odd polynomial. */
export function cosineOfHalfTurn(t: number): number {
  const x = Math.PI * (0.5 - t)
  const s = x * x
  let sum = 0
  // sin x = x (1 - s/6 (1 - s/20 (1 - s/42 ...
  for (const divisor of [156, 110, 72, 42, 20, 6]) sum = (s / divisor) * (1 - sum)
  return x * (1 - sum)
}
