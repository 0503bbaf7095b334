/** The owner's token. The page keeps it in memory only, never in its address or in storage. */

import type { Reply } from '../api/request.ts'

export type OwnerState =
  | { readonly kind: 'visitor'; readonly words: string } // words: why a token was refused, or ''
  | { readonly kind: 'trying' }
  | { readonly kind: 'owner' }

const TOKEN = /^[\x21-\x7e]+$/ // the characters a header may hold

export class Owner {
  state: OwnerState = { kind: 'visitor', words: '' }
  #token: string | undefined
  readonly #try: (token: string) => Promise<Reply<unknown>>
  readonly #changed: () => void

  constructor(tryToken: (token: string) => Promise<Reply<unknown>>, changed: () => void) {
    this.#try = tryToken
    this.#changed = changed
  }

  /** The owner's token; undefined for a visitor. */
  get token(): string | undefined {
    return this.#token
  }

  /** Tries a token, and keeps it if it is the owner's. */
  async enter(typed: string): Promise<void> {
    const token = typed.trim()
    if (this.state.kind === 'trying' || token === '') return
    if (!TOKEN.test(token)) return this.#enter({ kind: 'visitor', words: WRONG })
    this.#enter({ kind: 'trying' })
    const reply = await this.#try(token)
    if (reply.kind === 'ok') {
      this.#token = token
      this.#enter({ kind: 'owner' })
    } else this.#enter({ kind: 'visitor', words: ownerRefusal(reply) })
  }

  /** Forgets the token. */
  forget(words = ''): void {
    this.#token = undefined
    this.#enter({ kind: 'visitor', words })
  }

  /** Runs an action that needs the token. Returns why it failed, or ''. Forgets a token that the phone no longer accepts. */
  async act(action: (token: string) => Promise<Reply<unknown>>): Promise<string> {
    if (this.#token === undefined) return WRONG
    const reply = await action(this.#token)
    if (reply.kind === 'ok') return ''
    const words = ownerRefusal(reply)
    if (reply.kind === 'refused' && reply.status === 401) this.forget(words)
    return words
  }

  #enter(state: OwnerState): void {
    this.state = state
    this.#changed()
  }
}

const WRONG = 'That is not the owner’s token.'

function ownerRefusal(reply: Exclude<Reply<unknown>, { kind: 'ok' }>): string {
  if (reply.kind !== 'refused') return 'The phone is not answering.'
  if (reply.status === 401) return WRONG
  if (reply.code === 'owner_off') return 'This phone was started without an owner’s token.'
  if (reply.status === 429) return 'Too many wrong tokens from here. Wait a while.'
  return `The phone refuses: ${reply.detail}.`
}
