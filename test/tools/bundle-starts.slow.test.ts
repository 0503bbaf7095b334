/** That the bundle starts and answers on every Node it is for, and from npm's packed file. Slow: it fetches Nodes. */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PredictResponse } from '../../core/protocol.ts'
import { newState, startServer } from '../server/running-server.ts'
import { testUnless } from '../skip.ts'
import { archives, bundle, expectRightAnswer, FOLDER, unpack } from './bundled.ts'
import { NODES, nodeOf, noNodes, succeed } from './nodes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

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
  testUnless(noNodes, `Node ${version} starts the bundle, answers, learns and has nothing to warn of`, async () => {
    const command = [await nodeOf(version), join(program, 'server/inkling.js')]
    const inkling = (...words: string[]) =>
      succeed(command[0], [command[1], ...words], work, { ...process.env, ...PLAIN })
    expect(await inkling('--version')).toBe(`${FOLDER.replace('inkling-', '')}\n`)
    const state = newState()
    const server = await startServer({ ...PLAIN, INKLING_STATE: state, INKLING_MODEL: 'softmax' }, command, work)
    const ask = async (path: string, body?: unknown) => {
      const request = body
        ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        : {}
      return (await fetch(`${server.url}/api/v1/${path}`, request)).json()
    }
    expect(await ask('system')).toMatchObject({ node: version, backend: 'simd' })
    await expectRightAnswer(server.url)
    const { id, digit } = (await ask('predict?model=softmax', {
      strokes: [
        [
          [0, 0],
          [0, 9],
        ],
      ],
    })) as PredictResponse
    await ask('corrections', { predictionId: id, label: (digit + 1) % 10 })
    await expect.poll(() => ask('training')).toMatchObject({ rounds: [{ round: 1, model: 'softmax' }] })
    expect(await inkling('corrections', 'list', '--state', state)).toContain('softmax 1 said')
    expect(await server.stop()).toBe(0)
    expect(server.output()).toMatch(
      /^Inkling is at [^\n]*\n( +and [^\n]*\n)*backend simd, self-test passed, model softmax [^\n]*\n$/,
    )
  })
}

testUnless(noNodes, `Node ${NODES[0]} measures a model`, async () => {
  const args = ['bench', '--quick', '--only', 'softmax', '--json']
  const printed = await succeed(await nodeOf(NODES[0]), [join(program, 'server/inkling.js'), ...args], work)
  expect(JSON.parse(printed)).toMatchObject({ models: [{ model: 'softmax' }] })
})

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
