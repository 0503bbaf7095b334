/** Recognises the owner by the token. Without a configured token nobody is the owner, and what only the owner may do is off. */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import { sha256Bytes } from '../files/sha256.ts'
import { bareValue, pathVariable } from '../files/variables.ts'
import { networkShares } from './limits/network.ts'
import { BusyError } from './problem.ts'

/** 32 random bytes in base64url. */
const SHORTEST = 43 // characters
const LONGEST = 1024

const WRONG_TRIES = 10 // of one network
const WINDOW = 900_000 // ms in which they are counted
const TABLE = 1024 // networks whose tries are counted

const FILE = 'token'

export interface OwnerCheck {
  /** Whether a token is configured. */
  readonly configured: boolean
  /**
   * Returns for the owner.
   * @throws InputError 403 owner_off, 401 unauthorized; BusyError 429 rate_limited after many wrong tries
   */
  demand(headers: Headers, address: string): void
  /**
   * Whether this is the owner, for routes that others may use too: false without a token; a wrong one is refused.
   * @throws as `demand`
   */
  owns(headers: Headers, address: string): boolean
}

/**
 * @param token undefined where there is none
 * @param now monotonic clock, ms
 */
export function createOwnerCheck(token: string | undefined, now: () => number): OwnerCheck {
  const expected = token === undefined ? undefined : sha256Bytes(token)
  const tries = new Map<string, { count: number; readonly since: number }>()

  // The right token is accepted even then: nobody guesses 32 bytes, but a neighbour's tries could lock the owner out.
  function refuse(address: string): never {
    const [{ key }] = networkShares(address)
    const time = now()
    let recent = tries.get(key)
    if (recent && time - recent.since >= WINDOW) {
      tries.delete(key)
      recent = undefined
    }
    if (!recent) {
      recent = { count: 0, since: time }
      tries.set(key, recent)
      if (tries.size > TABLE) tries.delete(tries.keys().next().value as string)
    }
    if (++recent.count > WRONG_TRIES) {
      const wait = (recent.since + WINDOW - time) / 1000
      throw new BusyError(429, 'rate_limited', 'too many wrong tokens from this network', wait)
    }
    throw unauthorized()
  }

  function demand(headers: Headers, address: string): void {
    if (!expected)
      throw new InputError(403, 'owner_off', 'no token is configured, so what only the owner may do is off')
    const given = bearer(headers)
    if (given === undefined) throw unauthorized()
    if (!timingSafeEqual(sha256Bytes(given), expected)) refuse(address)
  }

  return {
    configured: expected !== undefined,
    demand,
    owns(headers, address) {
      if (bearer(headers) === undefined) return false
      demand(headers, address)
      return true
    },
  }
}

/** A new random token. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** The file in the state directory that contains the token where the environment does not name one. */
export function tokenFile(state: string): string {
  return join(state, FILE)
}

/**
 * INKLING_TOKEN, else the content of the file INKLING_TOKEN_FILE, else of the file in the state directory; undefined where there
 * is none, or where it is not fit to be a token, which is a warning.
 */
export function readToken(
  state: string,
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): string | undefined {
  const named = pathVariable(env, 'INKLING_TOKEN_FILE')
  const token = bareValue(env.INKLING_TOKEN ?? '') || readFile(named ?? tokenFile(state), named === undefined, warn)
  if (!token) return undefined
  if (token.length >= SHORTEST && token.length <= LONGEST && /^[A-Za-z0-9_-]+$/.test(token)) return token
  warn(
    `the token is not ${SHORTEST} or more characters of base64url: what only the owner may do is off; inkling token makes one`,
  )
  return undefined
}

function readFile(path: string, optional: boolean, warn: (message: string) => void): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!(optional && code === 'ENOENT'))
      warn(`the token's file ${path} cannot be read (${code}): owner routes are off`)
    return undefined
  }
}

// The token of a request.
function bearer(headers: Headers): string | undefined {
  return /^bearer +([^\s]+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
}

function unauthorized(): InputError {
  return new InputError(401, 'unauthorized', "this takes the owner's token: Authorization: Bearer and the token")
}
