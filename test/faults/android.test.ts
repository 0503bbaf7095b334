/** The server and its commands under Android's habits, all of them together; one by one they are in android.slow.test.ts. */

import { describe, expect, it } from 'vitest'
import { ANDROID, evaluate, live, runUnder } from './habits.ts'
import { newFolder } from './server-under-test.ts'

const DRAWING = 'test/arm/fixtures/3-rgba.png'

describe('a server under all of Android’s habits', () => {
  it('answers, keeps a correction, learns from it, goes back, stops on SIGTERM and starts again', async () => {
    const { output, ...life } = await live(ANDROID)
    expect(life).toEqual({ digit: 3, learned: 2, back: 1, ends: [0, 0], kept: true, again: 1 })
    expect(output).toMatch(
      /^inkling: the system does not tell this machine's address: ifconfig in Termux .* http:\/\/ADDRESS:\d+$/m,
    )
    expect(output).toMatch(/^Inkling is at http:\/\/localhost:\d+$/m)
  })
})

describe('a command under all of Android’s habits', () => {
  it.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['predict', '--model', 'softmax', DRAWING], /^3 /],
    [['models'], /^softmax +version 1 /m],
    [['doctor', '--port', '0'], /^Nothing keeps Inkling from serving/m],
  ])('%j does its work', async (words, expected) => {
    const { code, stdout, stderr } = await runUnder(ANDROID, words)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(expected)
  })

  it('["service", "status"] says what is missing', async () => {
    const env = { PREFIX: '/data/data/com.termux/files/usr' }
    const { code, stderr } = await runUnder(ANDROID, ['service', 'status'], env)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: service: .*pkg install termux-services.*\n$/)])
  })
})

describe('the benchmark', () => {
  it('names a whole number of cores, at least 1, whatever the system says', async () => {
    const code = `import { nodeEnvironment } from './server/benchmark/environment.ts'
      console.log(nodeEnvironment('1', '').cores)`
    for (const habit of ['cores-0', 'cores-nan']) expect(await evaluate([habit], code)).toBe('1')
  })
})

describe('the room on the disk', () => {
  it('counts as enough where the system does not know it', async () => {
    const code = `import { openStore } from './server/corrections/store.ts'
      import { mkdtempSync } from 'node:fs'
      const store = openStore(mkdtempSync(process.env.FOLDER + '/'), { warn: console.log })
      console.log(store.database.run('INSERT INTO starts (at) VALUES (0)'))`
    const env = { FOLDER: newFolder('room') }
    for (const habit of ['statfs', 'statfs-zero']) expect(await evaluate([habit], code, env)).toBe('1')
  })
})

describe('android.ts', () => {
  it('reaches threads too', async () => {
    const code = `import { Worker } from 'node:worker_threads'
      const thread = 'import os from "node:os"; console.log(process.platform, os.cpus().length)'
      new Worker(new URL('data:text/javascript,' + thread))`
    expect(await evaluate(['platform', 'cpus'], code)).toBe('android 0')
  })
})
