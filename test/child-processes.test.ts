/** A vitest inside of this one, whose test hangs with a child and a grandchild: neither outlives it. */

import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runProcess, startProcess } from './child-processes.ts'

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const CONFIG = fileURLToPath(new URL('fixtures/hanging/vitest.config.ts', import.meta.url))
const PATIENCE = { timeout: 60_000 } // ms

function hanging(busy: boolean) {
  const pids = join(mkdtempSync(join(tmpdir(), 'inkling-hanging-')), 'pids')
  return {
    args: [VITEST, 'run', '--config', CONFIG],
    // vitest asks its own processes for colours, which what is compared here must not have
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', HANG_PIDS: pids, HANG_BUSY: busy ? '1' : '' },
    /** Ids of the child and the grandchild, once they are there. */
    pids: () => (existsSync(pids) ? readFileSync(pids, 'utf8') : '').split(/\s+/).filter(Boolean).map(Number),
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a test that times out takes its child and grandchild with it, before the next test', async () => {
  const { args, env, pids } = hanging(false)
  const { code, stdout, stderr } = await runProcess(process.execPath, args, { env })
  expect([code, String(stderr)]).toEqual([1, expect.stringMatching(/Test timed out in 500ms/)])
  expect(String(stdout)).toMatch(/Tests {2}1 failed \| 1 passed/)
  expect(pids()).toHaveLength(2)
  await expect.poll(() => pids().filter(isRunning), PATIENCE).toEqual([])
})

test('a vitest that is killed while a test keeps its thread busy takes the child and the grandchild with it', async () => {
  const { args, env, pids } = hanging(true)
  const vitest = startProcess(process.execPath, args, { env })
  await expect.poll(pids, PATIENCE).toHaveLength(2)
  expect(pids().filter(isRunning)).toHaveLength(2)
  vitest.kill('SIGKILL')
  await expect.poll(() => pids().filter(isRunning), PATIENCE).toEqual([])
})
