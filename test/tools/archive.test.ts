/** The archives of the bundle: what is in them, and that nothing of the machine that writes them is. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packFiles } from '../../tools/build/archive.ts'
import { inUnpackingOrder } from '../../tools/build/package-files.ts'
import { runProcess } from '../child-processes.ts'

const work = mkdtempSync(join(tmpdir(), 'inkling-archive-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const FILES = ['install.sh', 'weights/empty/card.json', 'weights/empty/nothing.bin']

/** The files in a folder of their own, with that mode and time. */
function folderOf(name: string, mode: number, time: number): string {
  const root = join(work, name)
  for (const file of FILES) {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.endsWith('.bin') ? '' : `content of ${file}`)
    chmodSync(path, mode)
    utimesSync(path, time, time)
  }
  return root
}

test('the same files make the same bytes, whatever their times and modes, and others other bytes', async () => {
  const [one, two] = [folderOf('one', 0o600, 1e9), folderOf('two', 0o777, 2e9)]
  const packed = await packFiles(one, FILES, 'inkling-1')
  expect((await packFiles(two, FILES, 'inkling-1')).equals(packed)).toBe(true)
  expect((await packFiles(two, FILES, 'inkling-2')).equals(packed)).toBe(false)
})

test('tar lists them in order, in one folder, without owner, dated as npm dates them; only what a shell starts is executable', async () => {
  const packed = await packFiles(folderOf('listed', 0o644, 1e9), FILES, 'inkling-1')
  const env = { ...process.env, TZ: 'UTC' }
  const { stdout } = await runProcess('tar', ['-tvz', '--numeric-owner'], { input: packed, env })
  expect(
    `${stdout}`
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
  ).toEqual([
    '-rwxr-xr-x 0/0 21 1985-10-26 08:15 inkling-1/install.sh',
    '-rw-r--r-- 0/0 34 1985-10-26 08:15 inkling-1/weights/empty/card.json',
    '-rw-r--r-- 0/0 0 1985-10-26 08:15 inkling-1/weights/empty/nothing.bin',
  ])
})

test('cards are unpacked last', () => {
  const files = ['weights/a/card.json', 'package.json', 'weights/a/replay.pool', 'weights/a/weights.safetensors']
  expect(inUnpackingOrder(files)).toEqual([...files.slice(1), files[0]])
})
