/** Values of environment variables and settings, as the files and programs that set them write them. */

import { expandHome } from './home.ts'

/**
 * A value without blanks and one pair of quotes around it: `docker run --env-file` and other readers of such files leave
 * them there, and a file with CR LF leaves a CR at the end.
 */
export function bareValue(text: string): string {
  const trimmed = text.trim()
  return /^(["']).*\1$/s.test(trimmed) && trimmed.length > 1 ? trimmed.slice(1, -1).trim() : trimmed
}

/** The path in a variable; undefined where that is not set, or empty. */
export function pathVariable(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const path = expandHome(bareValue(env[name] ?? ''))
  return path === '' ? undefined : path
}
