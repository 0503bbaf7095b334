/** install.sh, run by the shells of Debian and postmarketOS in homes of its own: first time, upgrade, interrupted, no room. */

import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programVersion } from '../server/files/program.ts'
import { runProcess, signalGroup, startProcess } from './child-processes.ts'
import { createTermux, noRunit } from './server/phone/service/termux.ts'
import { newState } from './server/running-server.ts'
import { withDisk } from './server/store/mounted-disk.ts'
import { testUnless } from './skip.ts'
import { archives, bundle, unpack } from './tools/bundled.ts'

const SCRIPT = fileURLToPath(new URL('../install.sh', import.meta.url))
const VERSION = programVersion()
const SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix']]
const NEXT = '9.9.9' // the version of an upgrade

const work = mkdtempSync(join(tmpdir(), 'inkling-install-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** The archives, and the bundle of a later version, unpacked. */
let program: string
let models: string
let later: string

beforeAll(async () => {
  await bundle()
  program = join(work, basename(archives().program))
  models = join(work, basename(archives().models))
  copyFileSync(archives().program, program)
  copyFileSync(archives().models, models)
  later = await unpack(program, join(work, 'later'))
  const manifest = join(later, 'package.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(`"version": "${VERSION}"`, `"version": "${NEXT}"`))
}, 120_000)

function newHome(): string {
  return mkdtempSync(join(work, 'home-'))
}

function environment(home: string): NodeJS.ProcessEnv {
  const { PREFIX: _, INKLING_HOME: __, ...env } = process.env
  return { ...env, HOME: home, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, INKLING_STATE: newState() }
}

async function run(env: NodeJS.ProcessEnv, [shell, ...words]: readonly string[], ...files: readonly string[]) {
  const { code, stdout, stderr } = await runProcess(shell, [...words, ...files], { cwd: work, env })
  return { code, stdout: String(stdout), stderr: String(stderr) }
}

const install = (home: string, ...files: string[]) => run(environment(home), ['dash', SCRIPT], ...files)

/** What an installation answers when it is asked for its version, by its command. */
async function installed(home: string): Promise<string> {
  const { code, stdout, stderr } = await run(environment(home), [join(home, 'inkling/inkling'), '--version'])
  return code === 0 ? stdout.trim() : stderr
}

const releases = (home: string) => readdirSync(join(home, 'inkling/releases')).map((name) => name.split('-')[0])

test.each(SHELLS)('%s installs the bundle, and says what to type', async (...shell) => {
  const home = newHome()
  const { code, stdout } = await run(environment(home), [...shell, SCRIPT], program)
  expect(code).toBe(0)
  expect(stdout).toMatch(`Inkling ${VERSION} is installed in ${home}/inkling.`)
  expect(stdout).toMatch(`Type  ${home}/inkling/inkling serve `)
  expect(readdirSync(join(home, 'inkling')).sort()).toEqual(['current', 'inkling', 'releases'])
  expect(readlinkSync(join(home, 'inkling/current'))).toMatch(new RegExp(`^releases/${VERSION}-[0-9a-f]{8}$`))
  expect(await installed(home)).toBe(VERSION)
})

test('takes the bundle and the models that lie beside it', async () => {
  const [home, folder] = [newHome(), mkdtempSync(join(work, 'beside-'))]
  for (const file of [program, models, SCRIPT]) copyFileSync(file, join(folder, basename(file)))
  expect((await run(environment(home), ['sh', join(folder, 'install.sh')])).code).toBe(0)
  expect(readdirSync(join(home, 'inkling/current/weights')).length).toBeGreaterThan(10)
})

test('a second time changes nothing; an upgrade keeps the release before and models, and a third release takes the first away', async () => {
  const home = newHome()
  await install(home, program)
  const before = readdirSync(join(home, 'inkling'), { recursive: true }).sort()
  expect((await install(home, program)).stdout).toMatch(`Inkling ${VERSION} was installed in ${home}/inkling already.`)
  expect(readdirSync(join(home, 'inkling'), { recursive: true }).sort()).toEqual(before)
  mkdirSync(join(home, 'inkling/current/weights/own'))
  expect((await run(environment(home), ['sh', join(later, 'install.sh')])).code).toBe(0)
  expect([await installed(home), releases(home)]).toEqual([NEXT, expect.arrayContaining([VERSION, NEXT])])
  expect(existsSync(join(home, 'inkling/current/weights/own'))).toBe(true)
  const { stdout } = await run(environment(home), [join(home, 'inkling/inkling'), 'service', 'rollback'])
  expect(stdout).toMatch(new RegExp(`^${VERSION}-[0-9a-f]{8} is in use now\\.\\n`))
  expect(await installed(home)).toBe(VERSION)
  await run(environment(home), [join(home, 'inkling/inkling'), 'service', 'rollback'])
  expect(await installed(home)).toBe(NEXT)
  await install(home, program, models)
  expect(releases(home).sort()).toEqual([VERSION, NEXT])
  expect((await run(environment(home), ['sh', join(home, 'inkling/current/install.sh')])).stderr).toMatch(
    'installed already',
  )
})

testUnless(
  noRunit,
  'restarts a service that runs with the new release and its options; rollback does too',
  async () => {
    const termux = createTermux()
    try {
      await termux.run('sh', SCRIPT, program)
      const command = join(termux.home, 'inkling/inkling')
      const options = ['--host', '127.0.0.1', '--port', '0', '--model', 'softmax']
      await termux.run(command, 'service', 'install', '--', ...options)
      const log = () => readFileSync(join(termux.logs, 'current'), 'utf8')
      const running = async () => {
        const url = [...log().matchAll(/Inkling is at (http:\S+)\n[^\n]*model softmax/g)].at(-1)?.[1]
        return (
          url && (await fetch(`${url}/api/v1/system`).then(async (answer) => (await answer.json()).version, String))
        )
      }
      await expect.poll(running, { timeout: 60_000 }).toBe(VERSION)
      const { stdout } = await termux.run('sh', join(later, 'install.sh'))
      expect(String(stdout)).not.toMatch(' serve ')
      await expect.poll(running, { timeout: 60_000 }).toBe(NEXT)
      await termux.run(command, 'service', 'rollback')
      await expect.poll(running, { timeout: 60_000 }).toBe(VERSION)
      expect(existsSync(join(termux.home, '.local/share/inkling/state/store.db'))).toBe(true)
      await termux.run(command, 'service', 'remove')
    } finally {
      await termux.end()
    }
  },
)

test('killed at any moment leaves a release that works, and a run afterwards completes it', async () => {
  const home = newHome()
  await install(home, program)
  const started = performance.now()
  await install(newHome(), program)
  const whole = performance.now() - started // ms
  const seen = new Set<string>()
  for (let step = 0; step < 12; step++) {
    // by turns one release and the other
    const script = step % 2 ? [SCRIPT, program] : [join(later, 'install.sh')]
    const child = startProcess('dash', script, { cwd: work, env: environment(home) })
    const ended = once(child, 'exit')
    await sleep((whole * step) / 12)
    signalGroup(child.pid as number, 'SIGKILL') // this time it may have been faster, and have ended
    await ended
    const version = await installed(home)
    expect([VERSION, NEXT]).toContain(version)
    seen.add(version)
  }
  await install(home, program)
  expect(await installed(home)).toBe(VERSION)
  expect(readdirSync(join(home, 'inkling')).sort()).toEqual(['current', 'inkling', 'previous', 'releases'])
  expect(seen.size).toBe(2)
})

test('without room says so, and the release that was there goes on working', async ({ skip }) => {
  const mounted = await withDisk(40_000, async ({ path, fill }) => {
    await install(path, program)
    fill()
    const { code, stderr } = await run(environment(path), ['sh', join(later, 'install.sh')])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\ninstall: cannot write to [^\n]*: is there room\?\n$/)])
    const unpacked = await install(path, program, models)
    expect([unpacked.code, unpacked.stderr]).toEqual([
      1,
      expect.stringMatching(/\ninstall: cannot [^\n]* room[^\n]*\n$/),
    ])
    rmSync(join(path, 'fill'))
    expect(await installed(path)).toBe(VERSION)
    expect(readdirSync(join(path, 'inkling')).sort()).toEqual(['current', 'inkling', 'releases'])
  })
  if (!mounted) skip('a disk cannot be mounted here')
})

test('refuses in one sentence what it cannot install', async () => {
  const home = newHome()
  mkdirSync(join(home, 'inkling'))
  writeFileSync(join(home, 'inkling/mine'), '')
  const broken = join(work, 'inkling-0.0.0.tgz')
  writeFileSync(broken, 'no archive')
  for (const [env, files, message] of [
    [environment(home), [program], `${home}/inkling is there and no installation of Inkling; INKLING_HOME=`],
    [environment(newHome()), [broken], `cannot unpack ${broken}`],
    [environment(newHome()), [models], `${models} holds no Inkling that runs`],
    [environment(newHome()), [join(work, 'nowhere.tgz')], `cannot read ${work}/nowhere.tgz`],
    [environment(newHome()), [], 'no inkling-VERSION.tgz beside'],
  ] as const) {
    const { code, stderr } = await run(env, ['dash', SCRIPT], ...files)
    expect([code, stderr.trim().split('\n').at(-1)]).toEqual([1, expect.stringContaining(`install: ${message}`)])
  }
})

test('says how to get Node where there is none, or an old one', async () => {
  const bin = mkdtempSync(join(work, 'bin-'))
  for (const tool of ['dirname', 'tail', 'sh']) symlinkSync(await which(tool), join(bin, tool))
  const look = async (tool: string, prefix = '') => {
    for (const name of ['apk', 'apt-get', 'pkg']) rmSync(join(bin, name), { force: true })
    if (tool) writeTool(tool, '')
    const env = { HOME: newHome(), PATH: bin, PREFIX: prefix }
    return (await run(env, [await which('dash'), SCRIPT], program)).stderr
  }
  function writeTool(name: string, text: string): void {
    writeFileSync(join(bin, name), `#!${join(bin, 'sh')}\n${text}`)
    chmodSync(join(bin, name), 0o755)
  }
  const none = 'install: needs Node 22.13 or newer, and there is none; to install it: '
  expect(await look('', '/data/data/com.termux/files/usr')).toBe(`${none}pkg install nodejs-lts\n`)
  expect(await look('apk')).toBe(`${none}doas apk add nodejs\n`)
  expect(await look('apt-get')).toMatch(`${none}sudo apt-get install nodejs (`)
  for (const old of ['20.19.2', '22.12.0']) {
    writeTool('node', `echo ${old}`)
    expect(await look('apk')).toMatch(
      `install: needs Node 22.13 or newer, this is Node ${old}; to install a newer one: doas`,
    )
  }
})

const noShellcheck = !existsSync('/usr/bin/shellcheck') && 'needs shellcheck (Debian: apt-get install shellcheck)'
testUnless(noShellcheck, 'shellcheck has nothing to say against it', async () => {
  expect(await run(process.env, ['shellcheck', '--shell=sh', SCRIPT])).toMatchObject({ code: 0, stdout: '' })
})

async function which(tool: string): Promise<string> {
  return (await run(process.env, ['sh', '-c', `command -v ${tool}`])).stdout.trim()
}
