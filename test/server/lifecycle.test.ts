/** The server as a process: how fast it is there, how it goes, what it holds against too many, too slow, too late. */

import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from './command.ts'
import { ONE } from './http/application.ts'
import { answers, dial, send } from './http/wire.ts'
import { testModel, testWeights } from './models/test-model.ts'
import { newState, startServer } from './running-server.ts'

/** Settings of a start that nothing of this machine's environment has a part in. */
const NEW = { INKLING_PORT: '', HOST: '', INKLING_STATE: newState() }
const weights = testWeights()
const DRAWING = JSON.stringify(ONE)
const get = (port: number, path = '/livez') => `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`
const head = (port: number, length: number) =>
  `POST /api/v1/predict HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a start', () => {
  it('prints its addresses, the backend, the self-test and the default model, and nothing while it answers', async () => {
    const server = await startServer({ INKLING_WEIGHTS: weights })
    const printed = server.output()
    expect(printed).toContain(`http://localhost:${server.port}`)
    expect(printed).toMatch(/\nbackend (simd|scalar|ts), self-test passed, model softmax 10\.00 % on MNIST\n$/)
    await fetch(`${server.url}/livez`)
    await fetch(`${server.url}/nothing`)
    expect(server.output()).toBe(printed)
    await server.stop()
  })

  it('on a port that is taken ends with 1 and one sentence', async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { code, stderr } = await run(['serve'], { ...NEW, PORT: String(port) })
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^inkling: port_in_use: port ${port} [^\\n]*\\n$`))
  })

  it.each([
    [['--port', 'abc'], {}, /^inkling: --port must be a whole number from 0 to 65535; it is "abc"\n$/],
    [['--port', '70000'], {}, /^inkling: --port must be/],
    [['--nonsense'], {}, /unknown option '--nonsense'/],
    [['--port'], {}, /argument missing/],
    [[], { INKLING_RATE_LIMIT: 'never' }, /^inkling: INKLING_RATE_LIMIT must be/],
  ])('with %j and %j ends with 2', async (flags, environment, message) => {
    const { code, stderr } = await run(['serve', ...flags], { ...NEW, ...environment })
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  it('takes --model for the default; where that is missing or broken it says so and another answers', async () => {
    const two = testWeights(testModel('softmax'), testModel('other'))
    const start = (model: string) => startServer({ INKLING_WEIGHTS: two, INKLING_MODEL: model })
    const [there, missing] = await Promise.all([start('other'), start('nobody')])
    expect(there.output()).toMatch(/, model other 10\.00 % on MNIST\n$/)
    expect(there.output()).not.toContain('inkling: ')
    expect(missing.output()).toContain('inkling: model nobody cannot be used: softmax answers in its place\n')
    await Promise.all([there.stop(), missing.stop()])
    truncateSync(join(two, 'softmax', 'weights.safetensors'), 9)
    const broken = await start('')
    expect(broken.output()).toMatch(/^inkling: model softmax is skipped: [^\n]*9 bytes[^\n]*\n/)
    expect(broken.output()).toMatch(/, model other 10\.00 % on MNIST\n$/)
    const answer = await fetch(`${broken.url}/api/v1/predict`, {
      method: 'POST',
      body: DRAWING,
      headers: { 'content-type': 'application/json' },
    })
    expect((await answer.json()).model).toBe('other')
    await broken.stop()
  })

  it('refuses models that do not fit into --model-memory, and says so', async () => {
    const big = testModel('big', [
      { type: 'dense', inputs: 784, outputs: 400 },
      { type: 'dense', inputs: 400, outputs: 10 },
    ])
    const server = await startServer({ INKLING_WEIGHTS: testWeights(big), INKLING_MODEL_MEMORY: '1' })
    expect(server.output()).toMatch(/model big is skipped: takes 1\.\d MiB of memory/)
    await server.stop()
  })

  it('without any model runs and says so, and /readyz is 503', async () => {
    const server = await startServer({ INKLING_WEIGHTS: fileURLToPath(new URL('.', import.meta.url)) })
    const answer = await fetch(`${server.url}/readyz`)
    expect([answer.status, (await answer.json()).code]).toEqual([503, 'no_model'])
    expect(server.output()).toContain('no model is loaded')
    expect(await server.stop()).toBe(0)
  })
})

describe('a signal', () => {
  it('lets a request under way finish, refuses what comes behind it, takes no new connections, ends with 0', async () => {
    const server = await startServer({ INKLING_WEIGHTS: weights })
    const wire = await dial(server.port)
    wire.socket.write(head(server.port, DRAWING.length) + DRAWING.slice(0, 10))
    await sleep(1000) // until it has been read, on a busy machine too
    const ended = server.stop()
    const refused = () =>
      dial(server.port).then(
        ({ socket }) => void socket.destroy(),
        (error: Error) => error.message,
      )
    await expect.poll(refused).toMatch('ECONNREFUSED')
    wire.socket.write(DRAWING.slice(10) + get(server.port, '/readyz'))
    expect(await wire.closed()).toBe(true)
    expect(answers(wire.received())[0]).toMatchObject({ status: 200, body: expect.stringContaining('"digit"') })
    expect(
      answers(wire.received())
        .slice(1)
        .filter(({ status }) => status !== 503),
    ).toEqual([])
    expect(await ended).toBe(0)
  })
})

describe('a quota', () => {
  it('refuses the request over it with 429 and Retry-After, on a real socket, and is off when lifted', async () => {
    for (const [limit, expected] of [
      ['6', [200, 200, 429]],
      ['off', [200, 200, 200]],
    ] as const) {
      const server = await startServer({ INKLING_WEIGHTS: weights, INKLING_RATE_LIMIT: limit })
      const results = []
      for (let k = 0; k < 3; k++) results.push(await send(server.port, head(server.port, DRAWING.length) + DRAWING))
      expect(results.map(({ status }) => status)).toEqual(expected)
      if (limit === '6') expect(results[2].head).toMatch(/^retry-after: 10$/im)
      await server.stop()
    }
  })
})
