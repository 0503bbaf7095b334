/** The learning rate over a training run. Only + - * / of doubles, so that it is the same on every machine. */

import type { Recipe } from '../models/recipe.ts'

/** The rate of a step; `progress` and `warmup` are shares of the whole run, 0..1. */
export function learningRate({ rate, schedule, warmup, epochs }: Recipe, progress: number): number {
  const rise = warmup / epochs
  if (progress < rise) return (rate * progress) / rise + rate / 1e6 // never 0: the first step would be lost
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

/** cos(pi t) for t in [0, 1], error below 1e-9: Taylor's series about t = 1/2, as an odd polynomial. */
export function cosineOfHalfTurn(t: number): number {
  const x = Math.PI * (0.5 - t)
  const s = x * x
  let sum = 0
  // sin x = x (1 - s/6 (1 - s/20 (1 - s/42 ...
  for (const divisor of [156, 110, 72, 42, 20, 6]) sum = (s / divisor) * (1 - sum)
  return x * (1 - sum)
}
