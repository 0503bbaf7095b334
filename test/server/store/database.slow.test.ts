/** The store's file under a process that is killed again and again. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startProcess } from '../../child-processes.ts'
import { newFolder, testStore } from '../corrections/corrections.ts'

const STORING = fileURLToPath(new URL('storing-process.ts', import.meta.url))

describe('a process killed at 30 moments while it stores', () => {
  it('loses none of what it acknowledged, and the file is whole each time', async () => {
    const folder = newFolder()
    const acknowledged: string[] = []
    for (let turn = 0; turn < 30; turn++) {
      const child = startProcess(process.execPath, [STORING, folder, String(turn * 100_000)])
      child.stderr.pipe(process.stderr, { end: false })
      let printed = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
      await once(child.stdout, 'data')
      await sleep((turn * 7919) % 97)
      child.kill('SIGKILL')
      await once(child, 'close')
      acknowledged.push(...printed.split('\n').slice(0, -1))
    }
    const store = testStore({}, folder)
    expect(store.warnings).toEqual([])
    const kept = new Set(store.database.all<{ id: string }>('SELECT id FROM corrections').map(({ id }) => id))
    expect(acknowledged.length).toBeGreaterThan(30)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    store.close()
  })
})
