/** What `npm run bundle` writes: its size, that it is the same wherever it is made, and what npm sends. Slow: it builds twice. */

import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelsResponse } from '../../core/protocol.ts'
import { runTool, startProcess } from '../child-processes.ts'
import { startServer } from '../server/running-server.ts'
import { testUnless } from '../skip.ts'
import { archives, bundle, digests, expectRightAnswer, FOLDER, unpack } from './bundled.ts'
import { succeed } from './nodes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Largest archives, bytes: the program with its models, and both together. */
const [PROGRAM_LIMIT, BOTH_LIMIT] = [4.2e6, 10.2e6]

const work = mkdtempSync(join(tmpdir(), 'inkling-bundle-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

beforeAll(bundle)

/** The names of packages whose code is in the built files, as the bundler's comments tell. */
function bundledPackages(): string[] {
  const code = readdirSync(join(ROOT, 'build/server')).map((name) =>
    readFileSync(join(ROOT, 'build/server', name), 'utf8'),
  )
  const names = code.flatMap((text) =>
    [...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name),
  )
  return [...new Set(names)]
}

/** A copy of the sources without anything built, in which the libraries are where a second clone would have them. */
function cloneSources(root: string): void {
  const left = new Set(['.git', '.cache', 'build', 'docs', 'node_modules', 'test'])
  for (const name of readdirSync(ROOT)) {
    if (!left.has(name)) cpSync(join(ROOT, name), join(root, name), { recursive: true })
  }
  const copied = new Set(bundledPackages().map((name) => name.split('/')[0]))
  mkdirSync(join(root, 'node_modules'))
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    const [from, to] = [join(ROOT, 'node_modules', name), join(root, 'node_modules', name)]
    if (copied.has(name)) cpSync(from, to, { recursive: true })
    else symlinkSync(from, to)
  }
}

describe('npm run bundle', () => {
  test('writes at most 4.2 MB with the default models, 10.2 MB with all', () => {
    const [program, models] = [archives().program, archives().models].map((file) => statSync(file).size)
    expect(program).toBeLessThanOrEqual(PROGRAM_LIMIT)
    expect(program + models).toBeLessThanOrEqual(BOTH_LIMIT)
  })

  test('writes the same bytes in another folder, from nothing, in another time zone and with other permissions', async () => {
    const clone = join(work, 'elsewhere/clone')
    cloneSources(clone)
    const script = `umask 077; find . -name node_modules -prune -o -type f -exec touch {} +; exec ${process.execPath} clone/tools/bundle.ts`
    await succeed('sh', ['-c', script], join(clone, '..'), { ...process.env, TZ: 'Asia/Kathmandu' })
    for (const kind of ['program', 'models'] as const) {
      expect(readFileSync(archives(clone)[kind]).equals(readFileSync(archives()[kind])), kind).toBe(true)
    }
  })

  test('writes what npm pack sends, byte for byte', async () => {
    const script = ['pack', '--pack-destination', work, '--foreground-scripts=false']
    await succeed('npm', script, ROOT)
    const sent = digests(await unpack(join(work, `${FOLDER}.tgz`), join(work, 'sent')))
    expect(sent).toEqual(digests(await unpack(archives().program)))
    const files = Object.keys(sent).filter((path) => !/^(weights|build\/(server|web))\//.test(path))
    expect(files).toEqual([
      'LICENSE',
      'README.md',
      'build/licences.md',
      'build/scalar.wasm',
      'build/simd.wasm',
      'install.sh',
      'package.json',
      'server/inkling.js',
      'server/launch.js',
    ])
  })

  testUnless(!runTool('busybox', 'true') && 'no busybox', "unpacks by busybox' tar as by GNU tar", async () => {
    for (const archive of Object.values(archives())) {
      const [gnu, busybox] = [await unpack(archive), await unpack(archive, undefined, ['busybox', 'tar'])]
      expect(digests(busybox)).toEqual(digests(gnu))
      expect(gnu.endsWith(`/${FOLDER}`)).toBe(true)
    }
  })

  test('names the licence of every library in it, and the sources of the data', () => {
    const text = readFileSync(join(ROOT, 'build/licences.md'), 'utf8')
    const packages = bundledPackages()
    expect(packages).toEqual(expect.arrayContaining(['hono', 'commander']))
    for (const name of packages) expect(text).toMatch(new RegExp(`^### ${name} [\\d.]+ \\([\\w. -]+\\)$`, 'm'))
    expect(text).toMatch(/MNIST database.*CC BY-SA 3\.0/)
  })
})

describe('the other models', () => {
  test('are served without a restart, and while they are half unpacked the server answers as before', async () => {
    const program = await unpack(archives().program)
    const server = await startServer({}, [process.execPath, join(program, 'server/inkling.js')])
    const served = async () => {
      const answer = await fetch(`${server.url}/api/v1/models`)
      return ((await answer.json()) as ModelsResponse).models.map(({ id }) => id)
    }
    const before = await served()
    expect(before).toHaveLength(6)

    const tar = gunzipSync(readFileSync(archives().models))
    const unpacking = startProcess('tar', ['-x'], { cwd: join(program, '..') })
    const unpacked = once(unpacking, 'exit')
    for (let part = 0; part < 8; part++) {
      unpacking.stdin.write(tar.subarray((part * tar.length) / 8, ((part + 1) * tar.length) / 8))
      await expect.poll(served).toEqual(expect.arrayContaining(before))
      await expectRightAnswer(server.url, before[part % before.length])
    }
    unpacking.stdin.end()
    expect(await unpacked).toEqual([0, null])

    await expect.poll(async () => (await served()).length).toBe(12)
    for (const id of await served()) await expectRightAnswer(server.url, id)
    expect(await server.stop()).toBe(0)
  })
})
