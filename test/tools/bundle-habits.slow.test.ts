/** The bundle under Android's habits, on every Node it is for. Slow: it fetches Nodes. */

import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { ANDROID, habits, live, plainPreload } from '../faults/habits.ts'
import { testUnless } from '../skip.ts'
import { archives, bundle, unpack } from './bundled.ts'
import { NODES, nodeOf, noNodes } from './nodes.ts'

let program: string
beforeAll(async () => {
  await bundle()
  program = await unpack(archives().program)
})

for (const version of NODES) {
  testUnless(noNodes, `Node ${version} runs the bundle under all of Android’s habits`, async () => {
    const command = [await nodeOf(version), join(program, 'server/inkling.js')]
    const { output, ...life } = await live(ANDROID, habits(ANDROID, '', plainPreload()), command)
    expect(life).toEqual({ digit: 3, learned: 2, back: 1, ends: [0, 0], kept: true, again: 1 })
    expect(output).toMatch(/^inkling: the system does not tell this machine's address: /m)
  })
}
