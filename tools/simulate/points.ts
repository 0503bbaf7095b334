/** Changes of accuracy as the pages show them. */

/** A figure as it is stored: two decimals. */
export function shown(value: number): number {
  return Number(value.toFixed(2))
}

/** Points with two decimals; no minus before 0.00. */
export function points(value: number): string {
  return Math.abs(value) < 0.005 ? '0.00' : value.toFixed(2)
}
