/** What is loaded costs an old phone time at every start, and memory. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT, start } from './command.ts'
import { startServer } from './running-server.ts'

/** A variable for a process whose modules are recorded, and the modules: from the root, packages by their name. */
function recorder() {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-modules-'))
  const [hook, list] = [join(folder, 'hook.mjs'), join(folder, 'list')]
  writeFileSync(
    hook,
    `import { appendFileSync } from 'node:fs'
    import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        appendFileSync(${JSON.stringify(list)}, url + '\\n')
        return next(url, context)
      },
    })`,
  )
  const root = pathToFileURL(ROOT).href
  const loaded = () => {
    const urls = readFileSync(list, 'utf8').trim().split('\n')
    const own = urls.filter((url) => url.startsWith(root)).map((url) => url.slice(root.length))
    return [...new Set(own.map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path))]
  }
  return { environment: { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}` }, loaded }
}

test('--version loads the command line alone', async () => {
  const { environment, loaded } = recorder()
  expect((await start(['--version'], environment).finished).code).toBe(0)
  const own = ['server/inkling.js', 'server/launch.js', 'server/cli.ts', 'server/files/program.ts']
  expect(loaded().sort()).toEqual([...own, 'commander'].sort())
})

test('until its first answer a server loads nothing that trains, fetches, draws charts or measures, and no twins', async () => {
  const { environment, loaded } = recorder()
  // without data sets, which a thread would prepare to learn with
  const server = await startServer({ ...environment, INKLING_DATA: mkdtempSync(join(tmpdir(), 'inkling-data-')) })
  const body = readFileSync(join(ROOT, 'test/arm/fixtures/7-grey.png'))
  const headers = { 'content-type': 'image/png' }
  expect((await fetch(`${server.url}/api/v1/predict`, { method: 'POST', headers, body })).status).toBe(200)
  await server.stop()
  const modules = loaded()
  expect(modules).toContain('server/node.ts')
  const forbidden = [
    /^core\/(augment|benchmark|training)\//,
    /^core\/learning\/.*(round|tuning|generator|gate|selection)(?<!\/round)\.ts$/,
    /^core\/(backend\/typescript|kernels\/(conv|dense|optimizer|loss|forest))\.ts$/,
    /^server\/(training|report)\/(?!percent)/,
    /^server\/dataset\/(load|fetch|transfer|archive|unipen|lzw|digits)/,
    /^server\/(learning|benchmark)\/(thread|run-round|replay-set|replay-generator)\.ts$/,
    /^(pngjs|yauzl|cli-progress)$/,
  ]
  expect(modules.filter((path) => forbidden.some((pattern) => pattern.test(path)))).toEqual([])
})
