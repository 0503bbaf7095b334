import { once } from 'node:events'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../../server/corrections/store.ts'
import { openState } from '../../../../server/files/state-directory.ts'
import { checkState, checkStore } from '../../../../server/phone/doctor/state.ts'
import { startProcess } from '../../../child-processes.ts'
import { ROOT } from '../../command.ts'

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

  it('that another process has is a problem, unless that is the server; when it was killed nobody has it', async () => {
    const folder = newFolder()
    const script = `import { openState } from './server/files/state-directory.ts'
      openState('${folder}')
      console.log('open')
      setInterval(() => {}, 1000)`
    const other = startProcess(process.execPath, ['--input-type=module-typescript', '-e', script], { cwd: ROOT })
    await once(other.stdout, 'data')
    for (let round = 0; round < 2; round++) {
      expect(checkState(folder, false)).toMatchObject({ state: 'problem', remedy: `kill ${other.pid}` })
      expect(checkState(folder, true).state).toBe('ok')
      expect(() => openState(folder)).toThrow(/already_running/)
    }
    const ended = once(other, 'close')
    other.kill('SIGKILL')
    await ended
    expect(checkState(folder, false)).toMatchObject({ state: 'ok', found: `${folder} can be written` })
    openState(folder).release()
  })
})

describe('the store', () => {
  it('is ok where there is none yet, and where it is whole', () => {
    expect(checkStore(newFolder())).toMatchObject({ state: 'ok', found: 'nothing was taught yet' })
    const folder = withStore()
    const before = readdirSync(folder)
    expect(checkStore(folder)).toMatchObject({ state: 'ok', found: 'whole' })
    expect(readdirSync(folder)).toEqual(before)
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
    const before = readFileSync(join(folder, 'store.db'))
    expect(checkStore(folder)).toMatchObject({ state: 'warning', remedy: 'inkling corrections repair' })
    expect(readFileSync(join(folder, 'store.db'))).toEqual(before)
  })

  it('that was put aside is a warning, and one that is a folder does not throw', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'store.db.broken'), '')
    expect(checkStore(folder)).toMatchObject({ state: 'warning', remedy: 'inkling corrections repair' })
    mkdirSync(join(folder, 'store.db'))
    expect(checkStore(folder).state).toBe('warning')
  })
})
