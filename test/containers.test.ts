/** What Dockerfile and Procfile say, as far as it runs without Docker: the health check, the files and the commands they name. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runProcess } from './child-processes.ts'
import { testWeights } from './server/models/test-model.ts'
import { startServer } from './server/running-server.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')

/** The arguments of an instruction that are written as a JSON array. */
function wordsOf(instruction: RegExp): string[] {
  const [, json] = new RegExp(`^${instruction.source} (\\[.*\\])$`, 'm').exec(dockerfile) as RegExpExecArray
  return JSON.parse(json) as string[]
}

test('the health check finds a server that answers, and nothing where there is none', async () => {
  const [shell, ...words] = wordsOf(/HEALTHCHECK .* CMD/)
  const check = async (env: NodeJS.ProcessEnv) =>
    (await runProcess(shell, words, { env: { PATH: process.env.PATH, ...env } })).code
  const server = await startServer({ INKLING_WEIGHTS: testWeights() })
  const port = String(server.port)
  expect(await check({ INKLING_PORT: port })).toBe(0)
  expect(await check({ PORT: port })).toBe(0)
  await server.stop()
  expect(await check({ INKLING_PORT: port })).not.toBe(0)
})

test('the image starts the program of the bundle, with its state in the volume, as a user of its own', () => {
  expect([...wordsOf(/ENTRYPOINT/), ...wordsOf(/CMD/)]).toEqual(['node', '/opt/inkling/server/inkling.js', 'serve'])
  for (const line of [
    'COPY --from=bundle /program /opt/inkling',
    'USER inkling',
    'VOLUME /state',
    'ENV INKLING_STATE=/state',
  ]) {
    expect(dockerfile.split('\n')).toContain(line)
  }
})

test('the Procfile starts a server', async () => {
  const [, command] = /^web: (.*)\n$/.exec(readFileSync(join(ROOT, 'Procfile'), 'utf8')) as RegExpExecArray
  const [node, script, word] = command.split(' ')
  expect([node, word]).toEqual(['node', 'serve'])
  const server = await startServer({ INKLING_WEIGHTS: testWeights() }, [process.execPath, join(ROOT, script)])
  expect(await server.stop()).toBe(0)
})
