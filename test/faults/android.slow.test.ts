/** The server under each of Android's habits alone. How it finds its address is in test/server/http/addresses.test.ts. */

import { describe, expect, it } from 'vitest'
import { HABITS } from './android.ts'
import { live } from './habits.ts'

const OWN = Object.keys(HABITS).filter((name) => !/^(udp|interfaces)-/.test(name))

describe('a server under one of Android’s habits', () => {
  it.each(OWN)('lives with %s', async (name) => {
    const { output, ...life } = await live([name])
    expect(life).toEqual({ digit: 3, learned: 2, back: 1, ends: [0, 0], kept: true, again: 1 })
    expect(output).not.toMatch(/^\s+at /m)
    expect(output).toMatch(/^Inkling is at http:\/\/localhost:\d+$/m)
  })
})
