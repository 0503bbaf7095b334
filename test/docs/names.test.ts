/** The pages name nothing that is not there: files, npm scripts, commands, settings, routes and error codes. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SETTINGS } from '../../server/config.ts'
import { code, PAGES, PROJECT_ROOT, pageText } from './pages.ts'

const FOLDERS = ['assembly', 'core', 'docs', 'server', 'test', 'tools', 'weights', 'web']

function sources(folder: string): string {
  return readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name))
    .map((name) => readFileSync(join(PROJECT_ROOT, folder, name), 'utf8'))
    .join('\n')
}

const scripts = Object.keys(JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')).scripts)
const server = sources('server')
const routes = sources('server/http/routes')

/** Every page with the names in its code that are not among those that exist. */
function unknown(find: (words: string) => string[], exists: (name: string) => boolean): [string, string[]][] {
  return PAGES.map((page): [string, string[]] => {
    const names = code(page).flatMap(find)
    return [page, [...new Set(names)].filter((name) => !exists(name))]
  }).filter(([, names]) => names.length > 0)
}

const matches = (pattern: RegExp) => (words: string) => [...words.matchAll(pattern)].map(([, name]) => name)

describe('the pages', () => {
  test('name files and folders that exist', () => {
    const path = new RegExp(`(?<![\\w./-])((?:${FOLDERS.join('|')})/[\\w./-]*\\w/?)`, 'g')
    const found = (name: string) => existsSync(join(PROJECT_ROOT, name)) || existsSync(join(PROJECT_ROOT, `${name}.ts`))
    // a file that is shown how to be made has a name in angle brackets
    expect(unknown((words) => (words.includes('<') ? [] : matches(path)(words)), found)).toEqual([])
  })

  test('docs/architecture.md names every room of core, server and web', () => {
    const rooms = ['core', 'server', 'web'].flatMap((folder) =>
      readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${folder}/${name}/`),
    )
    expect(rooms.length).toBeGreaterThan(20)
    const map = pageText('docs/architecture.md')
    expect(rooms.filter((room) => !map.includes(`\`${room}\``))).toEqual([])
  })

  test('name in the walks functions that the files beside them hold', () => {
    const walks = PAGES.filter((page) => page.startsWith('docs/walks/'))
    const rows = walks.flatMap((page) => pageText(page).split('\n')).filter((line) => line.startsWith('| ['))
    expect(rows.length).toBeGreaterThan(40)
    const wrong = rows.flatMap((row) => {
      const [files, functions] = row.split(' | ')
      const texts = [...files.matchAll(/\[([\w/.-]+)\]/g)]
        .map(([, path]) => readFileSync(join(PROJECT_ROOT, path), 'utf8'))
        .join('\n')
      const names = [...functions.matchAll(/`(\w+)`/g)].map(([, name]) => name)
      return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(texts)).map((name) => `${files}: ${name}`)
    })
    expect(wrong).toEqual([])
  })

  test('name npm scripts that exist', () => {
    expect(unknown(matches(/npm run (?:--silent )?([\w:-]+)/g), (name) => scripts.includes(name))).toEqual([])
  })

  test('name commands that exist', () => {
    const commands = [
      ...readFileSync(join(PROJECT_ROOT, 'server/cli.ts'), 'utf8').matchAll(/^ {2}([a-z]+): \{$/gm),
    ].map(([, name]) => name)
    expect(commands).toContain('serve')
    const known = (name: string) => commands.includes(name) || name === 'COMMAND'
    expect(unknown(matches(/(?:npx |^)inkling ([a-zA-Z]+)/g), known)).toEqual([])
    // and the README names every one of them
    const named = code('README.md').join('\n')
    expect(commands.filter((name) => !new RegExp(`inkling ${name}\\b|\`${name}\``).test(`${named}\`import\``))).toEqual(
      [],
    )
  })

  test('name settings that exist, and docs/hosting.md all of them, with their defaults', () => {
    const settings = Object.values(SETTINGS)
    const variables = settings.flatMap((setting) => setting.variables)
    const others = ['server', 'web', 'test/arm'].flatMap((folder) => [
      ...sources(folder).matchAll(/\bINKLING_[A-Z_]+/g),
    ])
    const known = [...variables, ...others.map(([name]) => name), 'INKLING_CHROMIUM']
    expect(unknown(matches(/\b(INKLING_[A-Z_]+)/g), (name) => known.includes(name))).toEqual([])
    const rows = pageText('docs/hosting.md').split('\n')
    for (const { flag, variables: names, initial } of settings) {
      const row = rows.find((line) => line.includes(`| \`${flag.split(' ')[0]}\` |`))
      expect(row, flag).toBeDefined()
      for (const name of names) expect(row).toContain(`\`${name}\``)
      if (typeof initial === 'number') expect(row).toContain(`| ${initial} |`)
    }
  })

  test('docs/api.md names every route of the server', () => {
    const page = pageText('docs/api.md')
    const paths = [...routes.matchAll(/'(\/(?:api|livez|readyz|list|process|predict)[\w/:-]*)'/g)].map(
      ([, path]) => path,
    )
    expect(paths.length).toBeGreaterThan(10)
    const written = (path: string) => path.replaceAll(':model', '{m}').replaceAll(':id', '{id}')
    expect([...new Set(paths)].filter((path) => !page.includes(written(path)))).toEqual([])
  })

  test('docs/api.md names every error code, and no other', () => {
    const [, listed = ''] = pageText('docs/api.md').split('\n## Errors\n')
    const named = [...listed.matchAll(/`([a-z]+(?:_[a-z]+)+|gone|busy|truncated|unauthorized)`/g)].map(
      ([, name]) => name,
    )
    const core = sources('core')
    const thrown = [...`${server}${core}`.matchAll(/(?:InputError|BusyError|problem)\(\s*\d{3},\s*'([a-z_]+)'/g)]
    const refused = [...sources('core/png').matchAll(/(?:fail|refuse|bad)\(\s*'([a-z_]+)'/g)]
    const codes = [...new Set([...thrown, ...refused].map(([, name]) => name))]
    // of a model's card and of a raster made here: no client sees them
    const inside = ['bad_card', 'bad_raster']
    expect(codes.filter((name) => !named.includes(name) && !inside.includes(name))).toEqual([])
    expect(named.filter((name) => !`${server}${core}`.includes(`'${name}'`))).toEqual([])
  })
})
