/** The replay set from a data set: prepared once, always the same, without the images of the gate. */

import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { canPrepare, chooseReplaySet } from '../../../server/learning/replay-choice.ts'
import { loadReplaySet, prepareReplaySet } from '../../../server/learning/replay-set.ts'
import { newFolder, picture } from './state.ts'

const COUNT = 300

/** A small data set instead of MNIST, with training images only. */
function dataSet(): string {
  const folder = newFolder('data')
  mkdirSync(join(folder, 'mnist'))
  const header = (...numbers: number[]) => {
    const bytes = Buffer.alloc(4 * numbers.length)
    for (const [i, value] of numbers.entries()) bytes.writeUInt32BE(value, 4 * i)
    return bytes
  }
  const images = Array.from({ length: COUNT }, (_, i) => picture(i % 10, i))
  writeFileSync(join(folder, 'mnist/train-images-idx3-ubyte'), Buffer.concat([header(0x803, COUNT, 28, 28), ...images]))
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 10)
  writeFileSync(join(folder, 'mnist/train-labels-idx1-ubyte'), Buffer.concat([header(0x801, COUNT), labels]))
  return folder
}

describe('a data set', () => {
  const [folder, dataDir] = [newFolder('prepared'), dataSet()]
  beforeAll(() => prepareReplaySet(chooseReplaySet(folder, dataDir), async () => {}))

  it('is chosen once it is prepared, as long as it exists', () => {
    const fresh = chooseReplaySet(newFolder('fresh'), dataDir)
    expect([fresh.name, canPrepare(fresh)]).toEqual(['replay', true])
    const ready = chooseReplaySet(folder, dataDir)
    expect([ready.name, canPrepare(ready)]).toEqual(['mnist', false])
    const gone = chooseReplaySet(folder, '/nonexistent')
    expect([gone.name, canPrepare(gone)]).toEqual(['replay', false])
  })

  it('uses every image either for replay or for the gate, which has the same number of each digit', async () => {
    const { draw, gate, name } = await loadReplaySet(chooseReplaySet(folder, dataDir))
    expect(name).toBe('mnist')
    const perClass = Array.from({ length: 10 }, (_, c) => gate.labels.filter((label) => label === c).length)
    expect(new Set(perClass)).toEqual(new Set([2]))
    const replayed = COUNT - gate.count
    const seen = new Set<string>()
    const target = new Uint8Array(784)
    for (let i = 0; i < replayed; i++) {
      draw(target, i)
      seen.add(target.join())
    }
    expect(seen.size).toBe(replayed)
    for (let i = 0; i < gate.count; i++) {
      expect(seen.has(gate.images.subarray(i * 784, (i + 1) * 784).join())).toBe(false)
    }
    const label = draw(target, 5)
    const again = new Uint8Array(784)
    expect(draw(again, 5 + replayed)).toBe(label)
    expect(again).toEqual(target)
  })

  it('whose file was cut short is refused', async () => {
    const other = newFolder('cut')
    const choice = chooseReplaySet(other, dataDir)
    await prepareReplaySet(choice, async () => {})
    truncateSync(choice.file, 5000)
    await expect(loadReplaySet({ ...choice, name: 'mnist' })).rejects.toThrow('damaged')
  })

  it('can be interrupted, and leaves nothing', async () => {
    const choice = chooseReplaySet(newFolder('stopped'), dataDir)
    const stop = async () => {
      throw new Error('stopped')
    }
    await expect(prepareReplaySet(choice, stop)).rejects.toThrow('stopped')
    expect(existsSync(choice.file)).toBe(false)
  })
})
