/** What a check of `inkling doctor` answers. Names, states and fields are those of `--json`, and do not change. */

/**
 * `problem`: Inkling cannot serve until it is mended. `warning`: it serves, but worse than it could. `unknown`: the system does
 * not tell.
 */
export type FindingState = 'ok' | 'warning' | 'problem' | 'unknown'

export interface Finding {
  readonly name: string
  readonly state: FindingState
  readonly found: string
  readonly expected?: string // unless ok
  readonly remedy?: string // the command that mends it, or that shows what the system does not tell
}

export const ok = (name: string, found: string): Finding => ({ name, state: 'ok', found })

/** A finding that is not ok. */
export function fault(
  state: 'warning' | 'problem' | 'unknown',
  name: string,
  found: string,
  expected: string,
  remedy?: string,
): Finding {
  return { name, state, found, expected, ...(remedy !== undefined && { remedy }) }
}

/** A finding that comes within `limit` ms, else one that says that nothing came; also where the check throws. */
export async function within(limit: number, name: string, check: () => Finding | Promise<Finding>): Promise<Finding> {
  const expected = `an answer within ${limit / 1000} s`
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(fault('unknown', name, 'no answer', expected)), limit)
  })
  try {
    return await Promise.race([Promise.resolve().then(check), late])
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return fault('unknown', name, `it could not be checked: ${said.split('\n')[0]}`, 'a check that succeeds')
  } finally {
    clearTimeout(timer)
  }
}
