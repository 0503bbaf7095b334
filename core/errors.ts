/** Refusals: what was got, what was expected, and the HTTP status and code that a client gets. */

/** HTTP statuses an input can be refused with. */
export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 414 | 415 | 421 | 422 | 429 | 431 | 503

/**
 * Input that is not accepted. `code` is a stable snake_case word for programs; the message is for people: what was
 * got and what was expected, at most 120 characters, more only where it lists ids of models or shows a refused host or origin in
 * plain characters, never the input itself, a path or a stack.
 */
export class InputError extends Error {
  readonly status: RefusalStatus
  readonly code: string

  constructor(status: RefusalStatus, code: string, detail: string) {
    super(detail)
    this.name = 'InputError'
    this.status = status
    this.code = code
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * A text as a message shows it: in quotes, what does not print as an escape, and no more of it than `most` characters.
 * Not for secrets.
 */
export function quoted(text: string, most = 80): string {
  const shown = text.length > most ? `${text.slice(0, most)}...` : text
  const escaped = (letter: string) => `\\u{${letter.codePointAt(0)?.toString(16)}}`
  return JSON.stringify(shown).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
}
