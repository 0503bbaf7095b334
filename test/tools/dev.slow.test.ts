/** `npm run dev` in a copy of the repository, whose sources change. Slow: it compiles the kernels. */

import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PAGE_HEADERS } from '../../server/http/headers.ts'
import { freePort } from '../free-port.ts'
import { describeInBrowser, visit } from '../web/visit.ts'
import { type RunningScript, runScript } from './program.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMIT = 120_000 // ms, for kernels, page and server on a busy machine

let copy: string
let script: RunningScript
let url: string

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'inkling-dev-'))
  const folders = [
    'assembly',
    'build',
    'core',
    'server',
    'tools',
    'web',
    'weights/softmax',
    'weights/replay.json',
    'weights/replay.safetensors',
  ]
  const files = ['asconfig.json', 'package.json', 'package-lock.json', 'tsconfig.json']
  for (const name of [...folders, ...files]) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  script = runScript(copy, 'dev', port)
  await started(0)
}, LIMIT)

afterAll(() => {
  script?.kill()
  rmSync(copy, { recursive: true, force: true })
})

/** Waits for the server whose start is reported after this many characters of output. */
async function started(offset: number): Promise<void> {
  await script.printed(new RegExp(`^[\\s\\S]{${offset},}Inkling is at [\\s\\S]*backend `), LIMIT)
}

// As most editors save: a new file takes the place of the old one.
function edit(name: string, from: string, to: string): void {
  const text = readFileSync(join(copy, name), 'utf8')
  expect(text).toContain(from)
  writeFileSync(join(copy, `${name}.new`), text.replace(from, to))
  renameSync(join(copy, `${name}.new`), join(copy, name))
}

async function editAndRestart(name: string, from: string, to: string): Promise<void> {
  const offset = script.output().length
  edit(name, from, to)
  await started(offset)
}

describe('npm run dev', { timeout: LIMIT }, () => {
  test('restarts the server when a source is saved, each time', async () => {
    for (const [from, to] of [
      ['Not Found', 'Nowhere'],
      ['Nowhere', 'Nowhere Else'],
    ]) {
      await editAndRestart('server/http/problem.ts', `404: '${from}'`, `404: '${to}'`)
      const answer = await fetch(`${url}/nothing`)
      expect(await answer.json()).toMatchObject({ status: 404, title: to })
    }
  })

  test('serves the page under the same headers as npm start, and has not touched the built page', async () => {
    const answer = await fetch(url)
    for (const [name, value] of Object.entries(PAGE_HEADERS)) expect(answer.headers.get(name)).toBe(value)
    expect(readFileSync(join(copy, 'build/web/index.html'))).toEqual(readFileSync(join(ROOT, 'build/web/index.html')))
  })

  test('compiles the kernels when their source changes, for the server and for the page', async () => {
    await editAndRestart(
      'assembly/peak.ts',
      'export function',
      'export function one(): i32 { return 1 }\nexport function',
    )
    const page = await (await fetch(url)).text()
    const program = await (await fetch(`${url}${/\/assets\/index-[\w-]+\.js/.exec(page)?.[0]}`)).text()
    for (const name of ['simd', 'scalar']) {
      const served = await fetch(`${url}/assets/${new RegExp(`${name}-[\\w-]+\\.wasm`).exec(program)?.[0]}`)
      const bytes = new Uint8Array(await served.arrayBuffer())
      expect(Buffer.from(bytes)).toEqual(readFileSync(join(copy, `build/${name}.wasm`)))
      expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map((item) => item.name)).toContain('one')
    }
  })

  test('goes on serving while a source does not compile, says where, and restarts once it does', async () => {
    const before = await (await fetch(url)).text()
    edit('web/main.ts', 'import ', 'const = 1\nimport ')
    await script.printed(/build: [\s\S]*main\.ts/, LIMIT)
    expect(await (await fetch(url)).text()).toBe(before)
    await editAndRestart('web/main.ts', 'const = 1\n', '')
    expect((await fetch(url)).status).toBe(200)
  })
})

describeInBrowser('the page of npm run dev', (browser) => {
  test('reloads itself when its source changes, and complains of nothing', { timeout: LIMIT }, async () => {
    const { page, complaints, close } = await visit(browser(), url)
    await editAndRestart('web/index.html', '<title>Inkling</title>', '<title>Inkling 2</title>')
    await page.waitForFunction(() => document.title === 'Inkling 2', undefined, { timeout: 30_000 })
    // while the server restarts a request may fail
    expect(complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION'))).toEqual([])
    await close()
  })
})

describe('ending npm run dev', { timeout: LIMIT }, () => {
  test('with Ctrl-C leaves no process and a free port', async () => {
    process.kill(-script.pid, 'SIGINT') // a terminal signals the whole group
    expect(await script.exited).toBe(0)
    await expectGone()
  })

  test('with SIGTERM to npm alone leaves no process and a free port', async () => {
    script = runScript(copy, 'dev', Number(new URL(url).port))
    await started(0)
    process.kill(script.pid, 'SIGTERM')
    expect(await script.exited).toBe(0)
    await expectGone()
  })
})

async function expectGone(): Promise<void> {
  await expect.poll(() => script.alive(), { timeout: 5000 }).toBe(false)
  await expect(fetch(url)).rejects.toThrow()
}
