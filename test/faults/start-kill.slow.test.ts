/** `kill -9` at every moment of a start: the first one, which makes the state directory and its store, and later ones. */

import { describe, expect, it } from 'vitest'
import { correct, listCorrections, sleep } from './connection.ts'
import { smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

const KILLS = 8
const SETTINGS = { INKLING_MODEL: 'softmax', INKLING_LEARNING: 'off' }

/** Kills starts at moments spread over a whole one, each in the folder that is given, and starts once more after each. */
async function killStarts(
  folder: (kill: number) => string,
): Promise<{ killed: number; warnings: string[]; kept: number[] }> {
  const trial = startSubject(newFolder('start'), SETTINGS)
  const whole = await trial.ready // ms
  await trial.end('SIGTERM')
  let killed = 0
  const warnings: string[] = []
  const kept: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const state = folder(kill)
    const subject = startSubject(state, SETTINGS)
    await sleep((whole * (kill + 0.5)) / KILLS)
    if ((await subject.end('SIGKILL')) === 'SIGKILL') killed++
    const again = startSubject(state, SETTINGS)
    await again.ready
    kept.push((await listCorrections(again.owner())).length)
    const { png, label } = smallDrawing(kill)
    await correct(again.owner(), png, label, 'softmax')
    await again.end('SIGKILL')
    warnings.push(
      ...again
        .output()
        .split('\n')
        .filter((line) => line.startsWith('inkling:')),
    )
  }
  return { killed, warnings, kept }
}

describe(`a server that is killed at ${KILLS} moments of its start`, () => {
  it('starts the next time, if it was the first start', async () => {
    const { killed, ...next } = await killStarts(() => newFolder('start'))
    expect(killed).toBe(KILLS)
    expect(next).toEqual({ warnings: [], kept: Array(KILLS).fill(0) })
  })

  it('starts the next time with every correction that it acknowledged, if it was a later one', async () => {
    const state = newFolder('start')
    const { killed, ...next } = await killStarts(() => state)
    expect(killed).toBe(KILLS)
    expect(next).toEqual({ warnings: [], kept: Array.from({ length: KILLS }, (_, kill) => kill) })
  })
})
