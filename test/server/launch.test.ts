/** The launcher: with which flags Node runs `serve`, however it was started, and what it says where it cannot run. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, describe, expect, test } from 'vitest'
import { allocatorSettings, missingFlags, serveFlags } from '../../server/launch.js'
import { runProcess, startProcess } from '../child-processes.ts'
import { ROOT } from './command.ts'

const HEAP_LIMIT = 110 // MiB, of all that V8 may take for objects

const folder = mkdtempSync(join(tmpdir(), 'inkling-launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** NODE_OPTIONS that run some JavaScript before the program. */
function preload(script: string): string {
  const name = join(folder, `preload-${Buffer.from(script).toString('base64url').slice(-40)}.mjs`)
  writeFileSync(name, script)
  return `--import=${name}`
}

const REPORT = `import v8 from 'node:v8'
process.on('exit', () => console.log(JSON.stringify({
  pid: process.pid, heap: v8.getHeapStatistics().heap_size_limit / 2 ** 20, code: codeFromStrings(), flags: process.execArgv,
})))
function codeFromStrings() { try { return new Function('return true')() } catch { return false } }`

interface Start {
  readonly flags?: readonly string[] // of Node
  readonly options?: string // NODE_OPTIONS
  readonly program?: string
}

/** Starts `inkling serve` with a wrong port. Returns what the processes that came to an end report, and what was said. */
async function launch({ flags = [], options = '', program = 'server/inkling.js' }: Start) {
  const env = { ...process.env, NODE_OPTIONS: `${preload(REPORT)} ${options}` }
  const { code, stdout, stderr } = await runProcess(process.execPath, [...flags, program, 'serve', '--port', 'x'], {
    cwd: ROOT,
    env,
  })
  const reports = String(stdout).trim().split('\n')
  return {
    code,
    said: String(stderr).replace(/inkling: --port must be [^\n]*\n/, ''),
    reports: reports.map((line) => JSON.parse(line) as { pid: number; heap: number; code: boolean; flags: string[] }),
  }
}

describe('inkling serve', () => {
  symlinkSync(join(ROOT, 'server/inkling.js'), join(folder, 'inkling')) // as in node_modules/.bin

  test.each([
    ['without flags', {}],
    ['through a link', { program: join(folder, 'inkling') }],
    ['with some of the flags', { flags: ['--max_semi_space_size=2'] }],
    ['with flags in NODE_OPTIONS', { options: '--max-old-space-size=64' }],
    ['with all flags', { flags: serveFlags() }],
  ])(`started %s runs in one process, with at most ${HEAP_LIMIT} MiB of heap and no code from strings`, async (_, start) => {
    const { code, said, reports } = await launch(start)
    expect([code, said, reports.length]).toEqual([2, '', 1])
    expect(reports[0].heap).toBeLessThanOrEqual(HEAP_LIMIT)
    expect(reports[0].code).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')(
    'gives memory back to the system, unless somebody has set how',
    async () => {
      const env = {
        ...process.env,
        MALLOC_ARENA_MAX: '7',
        MALLOC_TRIM_THRESHOLD_: undefined,
        MALLOC_MMAP_THRESHOLD_: undefined,
      }
      const show = preload(
        'console.log(JSON.stringify([process.env.MALLOC_ARENA_MAX, process.env.MALLOC_MMAP_THRESHOLD_]))',
      )
      const { stdout } = await runProcess(process.execPath, ['server/inkling.js', 'serve', '--port', 'x'], {
        cwd: ROOT,
        env: { ...env, NODE_OPTIONS: show },
      })
      expect(String(stdout).trim().split('\n').at(-1)).toBe('["7","1048576"]')
    },
  )

  test('leaves the allocator of other systems alone, and starts again for it only once', () => {
    const given = { PATH: '/bin' }
    expect(allocatorSettings('android', given)).toBe(given)
    const set = allocatorSettings('linux', given)
    expect(set).toMatchObject({ PATH: '/bin', MALLOC_ARENA_MAX: '2' })
    expect(allocatorSettings('linux', set)).toBe(set)
  })

  test('leaves a heap alone that was given by hand, and gives the other flags', async () => {
    for (const start of [{ flags: ['--max-old-space-size=300'] }, { options: '--max-old-space-size=300' }]) {
      const { reports } = await launch(start)
      expect(reports).toMatchObject([{ heap: 312, code: false }])
    }
  })

  test('where a process cannot start another program in its place runs in a child, and ends with its exit code', async () => {
    const { code, said, reports } = await launch({ options: preload('process.execve = undefined') })
    expect([code, said]).toEqual([2, ''])
    expect(reports).toMatchObject([{ code: false, flags: serveFlags() }, { flags: [] }])
    expect(reports[0].heap).toBeLessThanOrEqual(HEAP_LIMIT)
  })

  test('in a child ends with the launcher, also when that is killed', async () => {
    const env = {
      ...process.env,
      NODE_OPTIONS: preload('process.execve = undefined'),
      INKLING_STATE: join(folder, 'state'),
    }
    const launcher = startProcess(process.execPath, ['server/inkling.js', 'serve', '--port', '0'], {
      cwd: ROOT,
      env,
      outlived: true, // else the test would end the child itself
    })
    let printed = ''
    launcher.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    await expect.poll(() => printed).toMatch(/http:\/\/localhost:\d+/)
    const [url] = /http:\/\/localhost:\d+/.exec(printed) as RegExpExecArray
    const alive = () =>
      fetch(`${url}/livez`).then(
        ({ status }) => status,
        () => 'nobody',
      )
    expect(await alive()).toBe(200)
    launcher.kill('SIGKILL')
    await expect.poll(alive).toBe('nobody')
  })

  test('where Node cannot start itself goes on, and says in one sentence which flags to give by hand', async () => {
    const { code, said, reports } = await launch({ options: preload(`process.execPath = '/dev/null'`) })
    expect([code, reports.length]).toEqual([2, 1])
    expect(said).toMatch(
      /^inkling: Node cannot start itself here [^\n]*: node --max-old-space-size=96 --max-semi-space-size=4 --disallow-code-generation-from-strings [^\n]* serve\n$/,
    )
  })

  test('says nothing of what is experimental in Node, and passes other warnings on', async () => {
    const warn = preload(
      `setImmediate(() => { process.emitWarning('secret', 'ExperimentalWarning'); process.emitWarning('loud') })`,
    )
    const { said } = await launch({ options: warn, flags: serveFlags() })
    expect(said).toMatch(/^\(node:\d+\) Warning: loud\n/)
    expect(said).not.toContain('secret')
  })
})

describe('flags', () => {
  const flags = ['--max-old-space-size=96', '--max-semi-space-size=4', '--no-maglev']

  test.each([
    [[], flags],
    [flags, []],
    [['--max_old_space_size', '300', '-r', 'x'], flags.slice(1)],
    [['--max-heap-size=300', '--maglev'], [flags[1]]],
    [['--max-old-space-size-percentage=10', '--no_maglev'], [flags[1]]],
    [['--max-semi-space-size=1', '--nomaglev'], [flags[0]]],
  ])('given %j, %j are missing', (given, missing) => {
    expect(missingFlags(flags, given)).toEqual(missing)
  })
})

describe('the launcher', () => {
  const source = readFileSync(join(ROOT, 'server/inkling.js'), 'utf8')

  test('says in one sentence which Node it needs, the one that package.json names, when the Node is older', async () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const needed = engines.node.replace('>=', '')
    for (const old of ['10.24.1', '20.19.6', '22.12.0']) {
      const copy = join(folder, 'inkling.mjs')
      writeFileSync(copy, source.replaceAll('process.versions.node', `'${old}'`)) // what an old Node would do
      const { code, stderr } = await runProcess(process.execPath, [copy, 'serve'])
      expect(code).toBe(1)
      expect(String(stderr)).toMatch(
        new RegExp(`^inkling: needs Node ${needed} or newer, this is Node ${old}; [^\\n]*\\n$`),
      )
    }
  })

  // Node 10 takes the file for a script, which knows neither import declarations nor import.meta
  test('can be parsed by old Nodes', () => {
    expect(() => new Script(source)).not.toThrow()
    expect(source).not.toMatch(/\?\?|\?\.|\bimport\.meta|\bawait\b|catch \{|^import [^(]/m)
  })

  test('in a clone says what helps where Node cannot run TypeScript', async () => {
    const flags = ['--no-experimental-strip-types']
    const { code, stderr } = await runProcess(process.execPath, [...flags, 'server/inkling.js', '--version'], {
      cwd: ROOT,
    })
    expect(code).toBe(1)
    expect(String(stderr)).toMatch(/^inkling: this Node, [\d.]+, cannot run TypeScript[^\n]* npm run bundle [^\n]*\n$/)
  })

  test('says which file is missing in a copy that is not whole', async () => {
    mkdirSync(join(folder, 'copy/server'), { recursive: true })
    writeFileSync(join(folder, 'copy/package.json'), '{"type":"module"}')
    for (const name of ['inkling.js', 'launch.js'])
      copyFileSync(join(ROOT, 'server', name), join(folder, 'copy/server', name))
    const { code, stderr } = await runProcess(process.execPath, [join(folder, 'copy/server/inkling.js'), '--version'])
    expect(code).toBe(1)
    expect(String(stderr)).toMatch(/^inkling: [^\n]*build\/server\/cli\.js[^\n]*unpacking the bundle again [^\n]*\n$/)
    rmSync(join(folder, 'copy/server/launch.js'))
    const halved = await runProcess(process.execPath, [join(folder, 'copy/server/inkling.js'), '--version'])
    expect(halved.code).toBe(1)
    expect(String(halved.stderr)).toMatch(/^inkling: [^\n]*launch\.js[^\n]*\n$/)
  })
})
