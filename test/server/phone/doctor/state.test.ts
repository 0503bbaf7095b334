import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../../server/corrections/store.ts'
import { openState, stateHolder } from '../../../../server/files/state-directory.ts'
import { checkState, checkStore } from '../../../../server/phone/doctor/state.ts'
import { startProcess } from '../../../child-processes.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'inkling-doctor-'))

/** A state directory with a store. */
function withStore(): string {
  const folder = newFolder()
  openStore(folder, { warn: () => {}, leastFree: 0 }).close()
  return folder
}

describe('the state directory', () => {
  it('that can be written is left as it is; one that is not there is not made', () => {
    const folder = newFolder()
    expect(checkState(folder, false)).toMatchObject({ state: 'ok', found: `${folder} can be written` })
    const missing = join(folder, 'a/b')
    expect(checkState(missing, false)).toMatchObject({ state: 'ok', found: `${missing} can be made` })
    expect(readdirSync(folder)).toEqual([])
  })

  it('that cannot be written is a problem: below a file, and in /proc, where even root writes nothing', () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    for (const [path, code] of [
      [file, 'ENOTDIR'],
      [join(file, 'state'), 'ENOTDIR'],
      ['/proc/self', 'ENOENT'],
    ]) {
      expect(checkState(path, false)).toMatchObject({
        state: 'problem',
        found: `${path} cannot be written (${code})`,
        remedy: expect.stringContaining('--state'),
      })
    }
  })

  it('that another process has is a problem, unless that is the server; the lock of an ended one is not', async () => {
    const folder = newFolder()
    const held = openState(folder)
    expect(stateHolder(folder)).toBe(process.pid)
    expect(checkState(folder, false)).toMatchObject({ state: 'problem', remedy: `kill ${process.pid}` })
    expect(checkState(folder, true).state).toBe('ok')
    held.release()

    const ended = startProcess('true', [])
    await new Promise((resolve) => ended.on('close', resolve))
    writeFileSync(join(folder, 'lock'), `${ended.pid} 1\n`)
    expect(stateHolder(folder)).toBeUndefined()
    expect(checkState(folder, false)).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('process that has ended'),
    })
  })
})

describe('the store', () => {
  it('is ok where there is none yet, and where it is whole', () => {
    expect(checkStore(newFolder())).toMatchObject({ state: 'ok', found: 'nothing was taught yet' })
    expect(checkStore(withStore())).toMatchObject({ state: 'ok', found: 'whole' })
  })

  it.each([
    ['is no database', (file: number) => writeSync(file, 'x'.repeat(100), 0)],
    ['has lost its end', (file: number) => ftruncateSync(file, 8192)],
    ['has a damaged page', (file: number) => writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 4096)],
  ])('that %s is a warning with the command that repairs it', (_, damage) => {
    const folder = withStore()
    const file = openSync(join(folder, 'store.db'), 'r+')
    damage(file)
    closeSync(file)
    expect(checkStore(folder)).toMatchObject({ state: 'warning', remedy: 'inkling corrections repair' })
  })

  it('that was put aside is a warning, and one that is a folder does not throw', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'store.db.broken'), '')
    expect(checkStore(folder)).toMatchObject({ state: 'warning', remedy: 'inkling corrections repair' })
    mkdirSync(join(folder, 'store.db'))
    expect(checkStore(folder).state).toBe('warning')
  })
})
