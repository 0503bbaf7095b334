/** The server under each of Android's habits alone, and under other forms of some. */

import { describe, expect, it } from 'vitest'
import { HABITS } from './android.ts'
import { live } from './habits.ts'

// the address is asked for only where the list of them is missing
const SETS = Object.keys(HABITS).map((name) => [name.startsWith('udp-') ? ['interfaces', name] : [name]])

describe('a server under one of Android’s habits', () => {
  it.each(SETS)('lives with %j', async (names) => {
    const { output, ...life } = await live(names)
    expect(life).toEqual({ digit: 3, learned: 2, back: 1, ends: [0, 0], kept: true, again: 1 })
    expect(output).not.toMatch(/^\s+at /m)
    expect(output).toMatch(/^Inkling is at http:\/\/localhost:\d+$/m)
  })
})
