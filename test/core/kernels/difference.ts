/** Finite differences, with which gradients are compared. */

/** Central difference of the result of `measure` in the i-th value. */
export function difference(values: Float32Array, i: number, step: number, measure: () => number): number {
  const value = values[i]
  values[i] = value + step
  const above = measure()
  values[i] = value - step
  const below = measure()
  values[i] = value
  return (above - below) / (2 * step)
}
