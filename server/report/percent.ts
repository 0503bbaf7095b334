/** A share as text, the way every command and report writes it. */

/**
 * @param share 0..1
 * @param digits after the point
 */
export function asPercent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`
}
