/** Who is the owner: the token, where it is read from, and how it is compared. */

import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOwnerCheck, newToken, readToken } from '../../../server/http/owner.ts'
import { run } from '../command.ts'
import { newFolder, TOKEN } from '../corrections/corrections.ts'

const headers = (authorization?: string) => new Headers(authorization === undefined ? {} : { authorization })
const failure = (work: () => unknown) => {
  try {
    work()
    return 'passed'
  } catch (error) {
    const { status, code } = error as { status: number; code: string }
    return `${status} ${code}`
  }
}

describe('the owner check', () => {
  it.each([
    [`Bearer ${TOKEN}`, 'passed'],
    [`bearer ${TOKEN}`, 'passed'],
    [undefined, '401 unauthorized'],
    ['', '401 unauthorized'],
    [TOKEN, '401 unauthorized'],
    [`Bearer ${TOKEN}A`, '401 unauthorized'],
    [`Bearer ${TOKEN.slice(1)}`, '401 unauthorized'],
    ['Bearer ', '401 unauthorized'],
    [`Basic ${TOKEN}`, '401 unauthorized'],
  ])('of %j: %s', (authorization, expected) => {
    const check = createOwnerCheck(TOKEN, () => 0)
    expect(failure(() => check.demand(headers(authorization), '10.0.0.1'))).toBe(expected)
  })

  it('without a token is 403 owner_off for everybody', () => {
    const check = createOwnerCheck(undefined, () => 0)
    expect(check.configured).toBe(false)
    expect(failure(() => check.demand(headers(`Bearer ${TOKEN}`), '10.0.0.1'))).toBe('403 owner_off')
    expect(check.owns(headers(), '10.0.0.1')).toBe(false)
  })

  it('takes another kind of credentials for those of no owner, where anyone is welcome', () => {
    const check = createOwnerCheck(TOKEN, () => 0)
    expect(check.owns(headers('Basic QUFB'), '10.0.0.1')).toBe(false)
    expect(check.owns(headers(`Bearer ${TOKEN}`), '10.0.0.1')).toBe(true)
    expect(failure(() => check.owns(headers('Bearer wrong'), '10.0.0.1'))).toBe('401 unauthorized')
  })

  it('refuses a network’s wrong tokens with 429 after ten in 15 minutes, never the right one', () => {
    let time = 0
    const check = createOwnerCheck(TOKEN, () => time)
    const wrong = (address: string) => failure(() => check.demand(headers('Bearer wrong'), address))
    expect(
      Array.from({ length: 12 }, () => wrong('10.0.0.1')).filter((code) => code === '401 unauthorized'),
    ).toHaveLength(10)
    expect(wrong('10.0.0.1')).toBe('429 rate_limited')
    expect(wrong('10.0.0.2')).toBe('401 unauthorized')
    expect(failure(() => check.demand(headers(`Bearer ${TOKEN}`), '10.0.0.1'))).toBe('passed')
    time += 900_000
    expect(wrong('10.0.0.1')).toBe('401 unauthorized')
  })
})

describe('the token', () => {
  const read = (state: string, env: Record<string, string>) => {
    const warnings: string[] = []
    return { token: readToken(state, env, (message) => warnings.push(message)), warnings }
  }

  it('comes from INKLING_TOKEN, else INKLING_TOKEN_FILE, else the state directory', () => {
    const state = newFolder()
    const [kept, named] = [newToken(), newToken()]
    writeFileSync(join(state, 'token'), `${kept}\n`)
    writeFileSync(join(state, 'named'), named)
    const INKLING_TOKEN_FILE = join(state, 'named')
    expect(read(state, { INKLING_TOKEN: TOKEN, INKLING_TOKEN_FILE }).token).toBe(TOKEN)
    expect(read(state, { INKLING_TOKEN_FILE }).token).toBe(named)
    expect(read(state, {})).toEqual({ token: kept, warnings: [] })
    expect(read(newFolder(), {})).toEqual({ token: undefined, warnings: [] })
  })

  it('and the name of its file may be in the quotes of a file of variables', () => {
    const state = newFolder()
    writeFileSync(join(state, 'named'), TOKEN)
    expect(read(state, { INKLING_TOKEN: `"${TOKEN}"` })).toEqual({ token: TOKEN, warnings: [] })
    expect(read(state, { INKLING_TOKEN_FILE: `'${join(state, 'named')}' ` })).toEqual({ token: TOKEN, warnings: [] })
  })

  it('shorter than 43 characters, of other letters or in an unreadable file is a warning without it, and no token', () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'token'))
    for (const [state, env] of [
      [newFolder(), { INKLING_TOKEN: 'secret'.repeat(7) }],
      [newFolder(), { INKLING_TOKEN: `${'secret'.repeat(8)}!` }],
      [newFolder(), { INKLING_TOKEN_FILE: '/nowhere' }],
      [folder, {}],
    ] as [string, Record<string, string>][]) {
      const { token, warnings } = read(state, env)
      expect(token).toBeUndefined()
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).not.toContain('secret')
    }
  })

  it('of inkling token is 32 random bytes, and --save puts it where serve finds it, for this user alone', async () => {
    const state = join(newFolder(), 'state')
    const { code, stdout } = await run(['token', '--save', '--state', state])
    expect([code, stdout.trim()]).toEqual([0, readToken(state, {}, () => {})])
    expect(stdout).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(statSync(join(state, 'token')).mode & 0o777).toBe(0o600)
    expect((await run(['token'])).stdout).not.toBe(stdout)
  })
})
