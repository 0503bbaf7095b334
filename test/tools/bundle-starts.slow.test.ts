/** That the bundle starts and answers on every Node it is for, and from npm's packed file. Slow: it fetches Nodes. */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../server/running-server.ts'
import { testUnless } from '../skip.ts'
import { archives, bundle, expectRightAnswer, FOLDER, unpack } from './bundled.ts'
import { nodeOf, noNodes, succeed } from './nodes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The oldest Node that package.json allows, and later ones; this test runs on the one that npm ci brings. */
const NODES = ['22.13.0', '24.7.0', '26.10.0', process.versions.node]

const work = mkdtempSync(join(tmpdir(), 'inkling-starts-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

let program: string
beforeAll(async () => {
  await bundle()
  program = await unpack(archives().program)
})

// What a test runner sets for its own Node is not for others.
const PLAIN = { NODE_OPTIONS: '', npm_config_cache: join(work, 'cache'), npm_config_offline: 'true' }

for (const version of NODES) {
  testUnless(noNodes, `Node ${version} starts the bundle, answers and has nothing to warn of`, async () => {
    const node = version === process.versions.node ? process.execPath : await nodeOf(version)
    const command = [node, join(program, 'server/inkling.js')]
    expect(await succeed(command[0], [command[1], '--version'], work)).toBe(`${FOLDER.replace('inkling-', '')}\n`)
    const server = await startServer(PLAIN, command, work)
    expect(await (await fetch(`${server.url}/api/v1/system`)).json()).toMatchObject({ node: version, backend: 'simd' })
    await expectRightAnswer(server.url)
    expect(await server.stop()).toBe(0)
    expect(server.output().split('\n').slice(-3)).toEqual([
      expect.stringMatching(/^ +and |^Inkling is/),
      expect.stringMatching(/^backend simd/),
      '',
    ])
  })
}

testUnless(noNodes, 'Node 20 is told in one sentence what is needed', async () => {
  const started = succeed(await nodeOf('20.19.6'), [join(program, 'server/inkling.js'), 'serve'], work)
  await expect(started).rejects.toThrow(
    /ended with 1: inkling: needs Node 22\.13 or newer, this is Node 20\.19\.6[^\n]*\n$/,
  )
})

test('npx starts the file that npm packs, in an empty folder and without a network', async () => {
  await succeed('npm', ['pack', '--pack-destination', work, '--foreground-scripts=false'], ROOT)
  const folder = join(work, 'empty')
  mkdirSync(folder)
  copyFileSync(join(work, `${FOLDER}.tgz`), join(folder, 'inkling-x.tgz'))
  const server = await startServer(PLAIN, ['npx', '--yes', './inkling-x.tgz'], folder)
  await expectRightAnswer(server.url)
  await server.stop()
})
