/** Rounds of learning: how fast they stop, and processes that are killed. */

import { once } from 'node:events'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { startProcess } from '../../child-processes.ts'
import { newFolder, openFixture, teach } from './state.ts'
import { closeHalfway, LABELS, learned, openThreaded, replaySet, weights } from './threaded-learning.ts'

const LEARNER = fileURLToPath(new URL('./learn-process.ts', import.meta.url))

test('a round on the thread answers stop within half a second', async () => {
  let took = Infinity
  // other work of the machine only adds time, so the shortest of a few tries is closest to the time of a stop
  for (let tries = 0; took >= 500 && tries < 5; tries++) took = Math.min(took, await closeHalfway(openThreaded()))
  expect(took).toBeLessThan(500)
})

describe('kill -9', () => {
  it('at 25 moments of a round: it ends with the same bytes, and nothing is left over', async () => {
    const whole = await learned(openThreaded())
    const template = newFolder('state')
    const fixture = openFixture({ state: template, weights })
    teach(fixture.store, LABELS)
    await fixture.close()
    let kills = 0
    let state = ''
    for (let k = 0; kills < 25; k++) {
      // a fresh round now and then, so that early moments are met too
      if (state === '') {
        state = newFolder('killed')
        cpSync(template, state, { recursive: true })
      }
      const delay = (k * 37) % 500 // ms after it has begun
      const { code, output } = await run(state, delay)
      if (code === null) {
        kills++
        continue
      }
      expect(output).toContain(whole?.sha256)
      expect(readdirSync(join(state, 'training')).filter((name) => name.includes('checkpoint'))).toEqual([])
      expect(readdirSync(join(state, 'models/softmax'))).toEqual(['2'])
      state = ''
    }
    if (state !== '') expect((await run(state)).output).toContain(whole?.sha256)
  })
})

/** Runs a process that learns, to its end or until it is killed so many ms after it has begun. */
async function run(state: string, delay?: number): Promise<{ code: number | null; output: string }> {
  const child = startProcess(process.execPath, [LEARNER, state, weights, replaySet.file])
  child.stderr.pipe(process.stderr, { end: false })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '' && delay !== undefined) setTimeout(() => child.kill('SIGKILL'), delay)
    output += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
