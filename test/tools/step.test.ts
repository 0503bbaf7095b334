/** When an output of the build counts as fresh: in a folder of its own, with a step that joins its inputs. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isFresh, runStep, type Step } from '../../tools/build/step.ts'

let root: string
const path = (name: string) => join(root, name)
const write = (name: string, text: string) => writeFileSync(path(name), text)

// Two files, as a bundler makes them: one named by its content, one that names it.
const step: Step = {
  output: 'page',
  inputs: ['source', 'settings.json'],
  make: async (folder) => {
    const text = readdirSync(join(folder, 'source'))
      .map((name) => readFileSync(join(folder, 'source', name), 'utf8'))
      .join('')
    return new Map([
      [`page/assets/${text}.js`, text],
      ['page/index.html', `<script src="assets/${text}.js">`],
    ])
  },
}
const failing: Step = { ...step, make: () => Promise.reject(new Error('does not compile')) }

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'inkling-build-'))
  mkdirSync(path('source'))
  writeAtZero('source/a.ts', 'a')
  write('source/b.ts', 'b')
  write('settings.json', '{}')
  await runStep(root, step)
})
afterEach(() => rmSync(root, { recursive: true }))

describe('an output', () => {
  test('is stale where nothing is built, and fresh after the step', () => {
    expect(isFresh(root, step)).toBe(true)
    expect(readFileSync(path('build/page/assets/ab.js'), 'utf8')).toBe('ab')
    rmSync(path('build'), { recursive: true })
    expect(isFresh(root, step)).toBe(false)
  })

  test('stays fresh when files get other times and when the whole folder is copied', () => {
    utimesSync(path('source/a.ts'), 0, 0)
    utimesSync(path('build/page/index.html'), 1, 1)
    expect(isFresh(root, step)).toBe(true)
    const copy = mkdtempSync(join(tmpdir(), 'inkling-build-'))
    cpSync(root, copy, { recursive: true })
    expect(isFresh(copy, step)).toBe(true)
    rmSync(copy, { recursive: true })
  })

  test.each<[string, () => void]>([
    ['an input has other content of the same length and time', () => writeAtZero('source/a.ts', 'c')],
    ['an input is added', () => write('source/c.ts', '')],
    ['an input is removed', () => rmSync(path('source/b.ts'))],
    ['an input is renamed', () => renameSync(path('source/b.ts'), path('source/c.ts'))],
    ['a single-file input changes', () => write('settings.json', '{"a":1}')],
    ['a single-file input is gone', () => rmSync(path('settings.json'))],
    ['an output file is deleted', () => rmSync(path('build/page/index.html'))],
    ['an output file is cut short', () => truncateSync(path('build/page/assets/ab.js'), 1)],
    ['an output file is empty', () => truncateSync(path('build/page/assets/ab.js'), 0)],
    ['a file is added to the output', () => write('build/page/old.js', '')],
    ['the stamp is cut short', () => truncateSync(path('build/stamps/page.json'), 40)],
    ['the stamp is gone', () => rmSync(path('build/stamps'), { recursive: true })],
  ])('is stale once %s, and fresh after the step ran again', async (_, change) => {
    change()
    expect(isFresh(root, step)).toBe(false)
    await runStep(root, step)
    expect(isFresh(root, step)).toBe(true)
  })

  test('is stale while a variable that it depends on has another value', async () => {
    const named = { ...step, variables: ['INKLING_TEST_VARIABLE'] }
    expect(isFresh(root, named)).toBe(true) // one that is not set changes nothing
    vi.stubEnv('INKLING_TEST_VARIABLE', 'a')
    expect(isFresh(root, named)).toBe(false)
    await runStep(root, named)
    expect(isFresh(root, named)).toBe(true)
    vi.unstubAllEnvs()
    expect(isFresh(root, named)).toBe(false)
  })

  test('is fresh again when a change of the input is taken back, as a git checkout does', () => {
    write('source/a.ts', 'c')
    expect(isFresh(root, step)).toBe(false)
    write('source/a.ts', 'a')
    expect(isFresh(root, step)).toBe(true)
  })

  test('is stale when an input changed while the step ran', async () => {
    const slow: Step = {
      ...step,
      make: async (folder) => {
        const made = await step.make(folder)
        write('source/a.ts', 'later')
        return made
      },
    }
    await runStep(root, slow)
    expect(isFresh(root, step)).toBe(false)
  })
})

describe('a step', () => {
  test('that fails leaves the old output whole, and stale', async () => {
    write('source/a.ts', 'c')
    await expect(runStep(root, failing)).rejects.toThrow('does not compile')
    expect(readFileSync(path('build/page/index.html'), 'utf8')).toContain('ab.js')
    expect(existsSync(path('build/page/assets/ab.js'))).toBe(true)
    expect(isFresh(root, step)).toBe(false)
  })

  test('that is stopped after any of its writes leaves an output that is stale', async () => {
    write('source/a.ts', 'c')
    renameSync(path('build'), path('before'))
    cpSync(path('before'), path('build'), { recursive: true })
    await runStep(root, step)
    renameSync(path('build'), path('after'))
    renameSync(path('before'), path('build'))
    const writes = [
      () => cpSync(path('after/page/assets/cb.js'), path('build/page/assets/cb.js')),
      () => cpSync(path('after/page/index.html'), path('build/page/index.html')),
      () => rmSync(path('build/page/assets/ab.js')),
      () => cpSync(path('after/stamps/page.json'), path('build/stamps/page.json')),
    ]
    const fresh = writes.map((write) => {
      write()
      return isFresh(root, step)
    })
    expect(fresh).toEqual([false, false, false, true])
  })

  test('removes what earlier runs left, and leaves no temporary file', async () => {
    write('source/a.ts', 'c')
    await runStep(root, step)
    expect(readdirSync(path('build'), { recursive: true }).sort()).toEqual([
      'page',
      'page/assets',
      'page/assets/cb.js',
      'page/index.html',
      'stamps',
      'stamps/page.json',
    ])
  })
})

// At one and the same time of modification.
function writeAtZero(name: string, text: string): void {
  write(name, text)
  utimesSync(path(name), 0, 0)
}
