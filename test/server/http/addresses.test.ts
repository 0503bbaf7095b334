/** The addresses a server prints, where the system does not list them: as on Android 11 and later. */

import { describe, expect, it } from 'vitest'
import { evaluate } from '../../faults/habits.ts'

describe('the addresses a server names', () => {
  const urls = (names: readonly string[], family = 'IPv6') =>
    evaluate(
      names,
      `import { reachableUrls } from './server/http/addresses.ts'
       console.log((await reachableUrls({ port: 8000, family: '${family}', address: '' })).join())`,
    )

  it.each([
    'interfaces',
    'interfaces-denied',
    'interfaces-none',
  ])('are localhost and the one the system would send from, with %s', async (habit) => {
    // as every phone in a network has; a machine without a route has localhost alone
    const expected = `http://localhost:8000,http://192.168.1.7:8000`
    expect(await urls([habit, 'udp-works'])).toBe(expected)
  })

  it.each([
    'udp-forbidden',
    'udp-throws',
    'udp-fails',
    'udp-nowhere',
    'udp-silent',
    'udp-address',
  ])('are localhost alone with %s, and nothing fails later', async (habit) => {
    expect(await urls(['interfaces', habit])).toBe('http://localhost:8000')
  })
})
