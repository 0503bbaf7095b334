/** `npm ci` on machines for which npm has no Node: npm is told that this is one. Slow: it installs everything. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { testUnless } from '../skip.ts'
import { nodeOf, noNodes, succeed } from './nodes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LINKED = 'node_modules/.bin/node'

const work = mkdtempSync(join(tmpdir(), 'inkling-npm-ci-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** A folder with what npm reads of a clone. */
function newClone(): string {
  const clone = join(work, 'clone')
  mkdirSync(clone)
  for (const part of ['package.json', 'package-lock.json', 'tools/node']) {
    cpSync(join(ROOT, part), join(clone, part), { recursive: true })
  }
  return clone
}

/** NODE_OPTIONS for processes that believe to be on another machine. */
function pretend(platform: string, arch: string): string {
  const script = join(work, 'machine.cjs')
  writeFileSync(
    script,
    `for (const [name, value] of Object.entries(${JSON.stringify({ platform, arch })})) Object.defineProperty(process, name, { value })`,
  )
  return `--require=${script}`
}

describe('npm ci', () => {
  test('on 32-bit ARM succeeds, and says in one line which Node is used', async () => {
    const clone = newClone()
    const env = { ...process.env, NODE_OPTIONS: pretend('linux', 'arm') }
    const printed = await succeed('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], clone, env)
    expect(printed.split('\n').filter((line) => line.startsWith('inkling: '))).toEqual([
      `inkling: uses the Node ${process.versions.node} that is there (${process.execPath}): npm has none for linux arm`,
    ])
    expect(existsSync(join(clone, LINKED))).toBe(false)
    expect(existsSync(join(clone, 'node_modules/hono'))).toBe(true)
  })

  testUnless(
    noNodes,
    'at its end says which Node is needed, where the one that is there runs no TypeScript',
    async () => {
      const printed = await succeed(await nodeOf('20.19.6'), [join(ROOT, 'tools/node/prepare.js')], work)
      expect(printed).toMatch(
        /^inkling: a clone needs Node 22\.18 or newer that runs TypeScript, and the Node 20\.19\.6 that is there \(\S+\) does not; npm has none for [^\n]*\n$/,
      )
    },
  )

  testUnless(noNodes, 'has linked a Node for this machine, and then says nothing', async () => {
    expect(await succeed(join(ROOT, LINKED), ['tools/node/prepare.js'], ROOT)).toBe('')
  })
})
