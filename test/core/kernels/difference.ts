/** The slope of what is measured: what a backward kernel has to give. */

/** Central difference of what `measure` gives, in the i-th value. */
export function difference(values: Float32Array, i: number, step: number, measure: () => number): number {
  const value = values[i]
  values[i] = value + step
  const above = measure()
  values[i] = value - step
  const below = measure()
  values[i] = value
  return (above - below) / (2 * step)
}
