/** How the ARM run counts: every comparison is one passed or one failed. */

export interface Tally {
  passed: number
  readonly failures: string[]
}

/** One comparison of two texts. What only one side has is a failure. */
export function count(tally: Tally, what: string, got: string | undefined, expected: string | undefined): void {
  if (got !== undefined && got === expected) tally.passed++
  else tally.failures.push(`${what}: got ${shortened(got)}, expected ${shortened(expected)}`)
}

const LONGEST = 300 // characters of a text in a message

function shortened(text = 'nothing'): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}... (${text.length} characters)`
}
