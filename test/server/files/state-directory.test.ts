/** The state directory: where it is, whose it is, and the one process that has it. */

import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openState, stateDirectory } from '../../../server/files/state-directory.ts'
import { startProcess } from '../../child-processes.ts'
import { testUnless } from '../../skip.ts'
import { ROOT, run } from '../command.ts'
import { newFolder } from '../corrections/corrections.ts'
import { testWeights } from '../models/test-model.ts'
import { startServer } from '../running-server.ts'
import { withDisk } from '../store/mounted-disk.ts'

const weights = testWeights()

describe('stateDirectory', () => {
  it('is the folder named, else INKLING_STATE, else in the user’s data folder, wherever data sets are', () => {
    expect(stateDirectory('/a', { INKLING_STATE: '/b' }, '/home')).toBe('/a')
    expect(stateDirectory('', { INKLING_STATE: '/b' }, '/home')).toBe('/b')
    expect(stateDirectory('', { INKLING_DATA: '/data' }, '/home')).toBe('/home/.local/share/inkling/state')
    expect(stateDirectory('', { XDG_DATA_HOME: '/x' }, '/home')).toBe('/x/inkling/state')
  })
})

describe('openState', () => {
  it('makes it for this user alone, locks it, and lets the next have it after release', () => {
    const path = join(newFolder(), 'a', 'b')
    const state = openState(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(() => openState(path)).toThrow(`already_running: process ${process.pid} has`)
    state.release()
    state.release()
    expect(existsSync(join(path, 'lock'))).toBe(false)
    openState(path).release()
  })

  it('takes over at once from a process that was killed, whoever has its number now and whatever the clock says', async () => {
    const path = newFolder()
    const code = `const { openState } = await import('./server/files/state-directory.ts')
      openState(${JSON.stringify(path)}); console.log('has it'); setInterval(() => {}, 1000)`
    const child = startProcess(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT })
    await once(child.stdout, 'data')
    expect(() => openState(path)).toThrow(`already_running: process ${child.pid} has`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const left of [`${child.pid} 1\n`, `${process.ppid} \n`, `${process.pid} \n`, '', 'x']) {
      writeFileSync(join(path, 'lock'), left)
      for (const year of [0, 4_000_000_000, Date.now() / 1000]) {
        utimesSync(join(path, 'lock'), year, year)
        openState(path).release()
        writeFileSync(join(path, 'lock'), left)
      }
    }
  })

  it('is refused while a server of an earlier version runs, whose lock is its number and start', async ({ skip }) => {
    if (!existsSync('/proc/self/stat')) skip('this system does not show when a process started')
    const path = newFolder()
    const child = startProcess(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
    writeFileSync(join(path, 'lock'), `${child.pid} ${start}\n`)
    expect(() => openState(path)).toThrow(`already_running: process ${child.pid} has`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    openState(path).release()
  })
})

describe('serve', () => {
  it.each([
    'is a file',
    'lies in a file',
    'is where nothing can be made',
  ])('ends with 1 before it listens when the state directory %s', async (place) => {
    const file = join(newFolder(), 'x')
    writeFileSync(file, '')
    const path = place === 'is a file' ? file : place === 'lies in a file' ? join(file, 'y') : '/proc/inkling'
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--state', path], { INKLING_WEIGHTS: weights })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^inkling: cannot_write: .*\n$/)
  })

  testUnless(
    process.getuid?.() === 0 && 'root may write anywhere',
    'ends with 1 when it may not write there',
    async () => {
      const path = join(newFolder(), 'x')
      mkdirSync(path)
      chmodSync(join(path, '..'), 0o500)
      const { code, stderr } = await run(['serve', '--port', '0', '--state', join(path, '..', 'y')])
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: cannot_write/)])
    },
  )

  it('ends with 1 before it listens on a disk that is full, and on one that is read-only', async ({ skip }) => {
    const mounted = await withDisk(64, async ({ path, fill, makeReadOnly }) => {
      fill()
      const serve = () => run(['serve', '--port', '0', '--state', path], { INKLING_WEIGHTS: weights })
      const full = await serve()
      expect([full.code, full.stdout]).toEqual([1, ''])
      expect(full.stderr).toMatch(/^inkling: (cannot_write|storage_full): .*\n$/)
      expect(existsSync(join(path, 'lock'))).toBe(false)
      makeReadOnly()
      const fixed = await serve()
      expect([fixed.code, fixed.stdout]).toEqual([1, ''])
      expect(fixed.stderr).toMatch(/^inkling: cannot_write: .*\n$/)
    })
    if (!mounted) skip('a disk cannot be mounted here')
  })

  it('ends with 1, already_running, while another has the state directory, and starts once that was killed', async () => {
    const INKLING_STATE = newFolder()
    const first = await startServer({ INKLING_WEIGHTS: weights, INKLING_STATE })
    const second = await run(['serve', '--port', '0'], { INKLING_WEIGHTS: weights, INKLING_STATE })
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/^inkling: already_running: process \d+ has .*\n$/)
    await first.stop('SIGKILL')
    const third = await startServer({ INKLING_WEIGHTS: weights, INKLING_STATE })
    expect(readFileSync(join(INKLING_STATE, 'lock'), 'utf8')).toMatch(new RegExp(`^${third.pid} `))
    expect(await third.stop()).toBe(0)
    expect(existsSync(join(INKLING_STATE, 'lock'))).toBe(false)
  })

  it.each([
    ['--token', 'x'.repeat(43)],
    [`--token=${'x'.repeat(43)}`],
  ])('refuses a token on the command line with 2 and does not repeat it: %s', async (...words) => {
    const { code, stderr, stdout } = await run(['serve', ...words])
    expect(code).toBe(2)
    expect(stderr + stdout).not.toContain('xxx')
  })
})
