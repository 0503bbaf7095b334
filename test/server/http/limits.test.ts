/** Quotas and networks, each tested alone, with a clock that the test sets. */

import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../core/protocol.ts'
import { networkShares } from '../../../server/http/limits/network.ts'
import { createRateLimit } from '../../../server/http/limits/rate.ts'
import type { BusyError } from '../../../server/http/problem.ts'
import { ONE, testApp } from './application.ts'

/** How many of `count` requests an address gets through, and what the first refusal was. */
function ask(admit: (address: string) => void, address: string, count: number) {
  let admitted = 0
  let refusal: BusyError | undefined
  for (let k = 0; k < count; k++) {
    try {
      admit(address)
      admitted++
    } catch (error) {
      refusal ??= error as BusyError
    }
  }
  return { admitted, refusal }
}

describe('the rate limit', () => {
  it('admits a third of the quota at once, then one per 60 s / quota, and says when to come back', () => {
    let time = 0
    const admit = createRateLimit(60, () => time)
    const { admitted, refusal } = ask(admit, '10.0.0.1', 30)
    expect(admitted).toBe(20)
    expect(refusal).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 1 })
    time += 999
    expect(ask(admit, '10.0.0.1', 1).admitted).toBe(0)
    time += 1
    expect(ask(admit, '10.0.0.1', 2).admitted).toBe(1)
    time += 3_600_000
    expect(ask(admit, '10.0.0.1', 30).admitted).toBe(20)
  })

  it('refuses the 61st of a slow quota with the seconds until the next', () => {
    const admit = createRateLimit(3, () => 0)
    expect(ask(admit, '10.0.0.1', 2).refusal?.retryAfter).toBe(20)
  })

  it('counts each IPv4 address alone, and IPv4-mapped addresses as IPv4', () => {
    const admit = createRateLimit(30, () => 0)
    expect(ask(admit, '10.0.0.1', 20).admitted).toBe(10)
    expect(ask(admit, '::ffff:10.0.0.1', 20).admitted).toBe(0)
    expect(ask(admit, '10.0.0.2', 20).admitted).toBe(10)
  })

  it('gives an IPv6 /64 one quota and a /48 four', () => {
    const admit = createRateLimit(9, () => 0)
    expect(ask(admit, '2001:db8:1:1::1', 9).admitted).toBe(3)
    expect(ask(admit, '2001:db8:1:1:ffff::2', 9).admitted).toBe(0)
    const others = [2, 3, 4, 5, 6].map((net) => ask(admit, `2001:db8:1:${net}::1`, 9).admitted)
    expect(others).toEqual([3, 3, 3, 0, 0])
    expect(ask(admit, '2001:db8:2:1::1', 9).admitted).toBe(3)
  })

  it('exempts nobody: this machine has the same quota', () => {
    const admit = createRateLimit(30, () => 0)
    expect(ask(admit, '127.0.0.1', 20).admitted).toBe(10)
    expect(ask(admit, '::1', 20).admitted).toBe(10)
  })

  it('refuses with 503 beyond 20 a second from everybody together, and does not charge networks that ask once for it', () => {
    let time = 0
    const admit = createRateLimit(60, () => time)
    const admitted = Array.from({ length: 100 }, (_, k) => ask(admit, `10.0.0.${k}`, 1))
    expect(admitted.filter((one) => one.admitted === 1)).toHaveLength(40)
    expect(admitted[99].refusal).toMatchObject({ status: 503, code: 'busy', retryAfter: 1 })
    time += 1000
    expect(Array.from({ length: 100 }, (_, k) => ask(admit, `10.0.1.${k}`, 1).admitted).filter(Boolean)).toHaveLength(
      20,
    )
    time += 60_000
    expect(ask(admit, '10.0.0.99', 30).admitted).toBe(20)
  })

  it('has room for a network that asks once a second while 20 others ask 10 times a second each', () => {
    let time = 0
    const admit = createRateLimit(120, () => time)
    const visitor: number[] = []
    for (let turn = 0; turn < 600; turn++, time += 100) {
      for (let k = 0; k < 20; k++) ask(admit, `10.0.0.${k}`, 1)
      if (turn % 10 === 9) visitor.push(ask(admit, '192.168.1.20', 1).admitted)
    }
    expect(visitor).toEqual(Array(60).fill(1))
  })

  it('remembers 4,096 networks and forgets the one unseen for longest', () => {
    let time = 0
    const admit = createRateLimit(1, () => time)
    const at = (k: number) => `10.${k >> 16}.${(k >> 8) & 255}.${k & 255}`
    for (let k = 0; k < 4097; k++) {
      time += 50
      if (k === 4096) expect(ask(admit, at(1), 1).admitted).toBe(1) // a minute has passed for it; seen last now
      ask(admit, at(k), 1)
    }
    expect(ask(admit, at(1), 1).admitted).toBe(0)
    expect(ask(admit, at(4000), 1).admitted).toBe(0)
  })

  it('lets one person draw as fast as people can: 1.5 strokes a second for ten minutes, 3 for 35 s', () => {
    let time = 0
    const admit = createRateLimit(120, () => time)
    for (let k = 0; k < 900; k++, time += 1000 / 1.5) expect(ask(admit, '10.0.0.1', 1).admitted).toBe(1)
    for (let k = 0; k < 105; k++, time += 1000 / 3) expect(ask(admit, '10.0.0.1', 1).admitted).toBe(1)
  })

  it('takes as many tokens as a request costs, and all there can be of one that costs more', () => {
    let time = 0
    const admit = createRateLimit(60, () => time)
    const costly = (cost: number) => {
      try {
        admit('10.0.0.1', cost)
        return 'admitted'
      } catch (error) {
        return (error as BusyError).retryAfter
      }
    }
    expect([costly(15), costly(15)]).toEqual(['admitted', 10])
    time += 10_000
    expect(costly(15)).toBe('admitted')
    expect(costly(1000)).toBe(20)
    time += 20_000
    expect(costly(1000)).toBe('admitted')
    expect(costly(1)).toBe(1)
  })

  it('can be lifted', () => {
    expect(
      ask(
        createRateLimit(Infinity, () => 0),
        '10.0.0.1',
        10_000,
      ).admitted,
    ).toBe(10_000)
  })

  it('answers 429 with Retry-After, before the body is read, to who is over it', async () => {
    const { request } = testApp({ ratePerMinute: 3 })
    const init = { method: 'POST', body: JSON.stringify(ONE), headers: { 'content-type': 'application/json' } }
    expect((await request('/api/v1/predict', init)).status).toBe(200)
    const refused = await request('/api/v1/predict', { ...init, body: 'x', headers: {} })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('20')
    expect(((await refused.json()) as Problem).code).toBe('rate_limited')
    expect((await request('/api/v1/models')).status).toBe(200)
    expect((await request('/api/v1/predict', init, '192.168.1.21')).status).toBe(200)
  })
})

describe('networkShares', () => {
  it.each([
    ['192.168.1.20', ['192.168.1.20']],
    ['::ffff:192.168.1.20', ['192.168.1.20']],
    ['::1', ['0000:0000:0000:0000/64', '0000:0000:0000/48']],
    ['fe80::1%wlan0', ['fe80:0000:0000:0000/64', 'fe80:0000:0000/48']],
    ['2001:DB8:1:2:3:4:5:6', ['2001:0db8:0001:0002/64', '2001:0db8:0001/48']],
    ['2001:db8::', ['2001:0db8:0000:0000/64', '2001:0db8:0000/48']],
    ['', ['']],
  ])('of %s are %j', (address, keys) => {
    expect(networkShares(address).map(({ key }) => key)).toEqual(keys)
  })
})

describe('a server that is shutting down', () => {
  it('answers 503 with Retry-After to everything but /livez', async () => {
    const { request } = testApp({ stopping: () => true })
    for (const path of ['/readyz', '/api/v1/models', '/api/v1/predict', '/']) {
      const answer = await request(path)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    }
    expect((await request('/livez')).status).toBe(200)
  })
})

describe('a failure of the server itself', () => {
  it('is a 500 problem without details, and one line in the log with all of them', async () => {
    const { request, warnings } = testApp({
      system: () => {
        throw new TypeError('the clock failed: /secret/path')
      },
    })
    const answer = await request('/api/v1/system')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toMatch(/secret|TypeError|at /)
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^GET \/api\/v1\/system: TypeError: the clock failed/)
    expect(warnings[0]).not.toContain('\n')
  })
})
