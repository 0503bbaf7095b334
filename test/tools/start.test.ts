/** `npm start` as a whole: npm, the build, the server. */

import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import type { SystemResponse } from '../../core/protocol.ts'
import { isFresh } from '../../tools/build/step.ts'
import { STEPS } from '../../tools/build/steps.ts'
import { type RunningScript, runScript } from './program.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START = 120_000 // ms, for a build too, on a busy machine

let script: RunningScript | undefined
afterEach(() => script?.kill())

describe('npm start', () => {
  test('builds what is stale, after npm run build nothing, answers, and ends all its processes with 0 on SIGTERM', async () => {
    const stale = STEPS.filter((step) => !isFresh(ROOT, step)).map((step) => step.output)
    script = runScript(ROOT, 'start')
    const [, url] = await script.printed(/Inkling is at (http:\S+)\n[\s\S]*backend /, START)
    expect((await fetch(`${url}/livez`)).status).toBe(200)
    const { memory } = (await (await fetch(`${url}/api/v1/system`)).json()) as SystemResponse
    expect(memory.heapLimit / 2 ** 20, 'MiB of heap').toBeLessThanOrEqual(110)
    expect((await fetch(url)).headers.get('content-type')).toMatch('text/html')
    expect([...script.output().matchAll(/^built build\/(\S+)/gm)].map(([, output]) => output)).toEqual(stale)
    process.kill(script.pid, 'SIGTERM')
    expect(await script.exited).toBe(0)
    await expect.poll(() => script?.alive(), { timeout: 5000 }).toBe(false)
    await expect(fetch(`${url}/livez`)).rejects.toThrow()
  })
})
