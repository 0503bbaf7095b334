/** The pages: every link leads somewhere, and the README stays short. */

import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PAGES, PROJECT_ROOT, pageText, prose } from './pages.ts'

/** The name that a heading has in a link: as GitHub makes it, in small letters, without marks, words joined by hyphens. */
function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) => anchorOf(heading.trim()))
}

function links(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
}

/** What is wrong with a link, or nothing. */
function fault(page: string, link: string): string | undefined {
  if (/^https?:/.test(link)) return URL.canParse(link) ? undefined : 'is no URL'
  if (/^[a-z]+:|^\//.test(link)) return 'is not relative'
  const [path, anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (target.startsWith('..')) return 'leaves the project'
  if (!existsSync(join(PROJECT_ROOT, target))) return `names ${target}, which does not exist`
  if (anchor === undefined) return undefined
  if (!target.endsWith('.md')) return 'has an anchor in something that is no page'
  return anchors(target).includes(anchor) ? undefined : `names #${anchor}, which ${target} has not`
}

describe('links', () => {
  test.each(PAGES)('of %s lead to files, and to headings, that exist', (page) => {
    const wrong = links(page).map((link) => [link, fault(page, link)])
    expect(wrong.filter(([, why]) => why !== undefined)).toEqual([])
  })

  test('are told apart, good from bad', () => {
    expect(fault('README.md', 'docs/api.md#teaching')).toBeUndefined()
    expect(fault('docs/api.md', '../README.md')).toBeUndefined()
    expect(fault('README.md', 'docs/api.md#no-such-heading')).toMatch(/has not/)
    expect(fault('README.md', 'docs/no-such-page.md')).toMatch(/does not exist/)
    expect(fault('README.md', '/docs/api.md')).toBe('is not relative')
    expect(fault('README.md', '../elsewhere.md')).toBe('leaves the project')
    expect(fault('README.md', 'https://')).toBe('is no URL')
  })

  test('lead from the README to every page, directly or by others', () => {
    const reached = new Set(['README.md'])
    for (const page of reached) {
      for (const link of links(page)) {
        const target = normalize(join(dirname(page), link.split('#')[0]))
        if (PAGES.includes(target)) reached.add(target)
      }
    }
    expect(PAGES.filter((page) => !reached.has(page))).toEqual([])
  })
})

describe('the pages', () => {
  test('README.md has at most 9,216 bytes', () => {
    expect(statSync(join(PROJECT_ROOT, 'README.md')).size).toBeLessThanOrEqual(9216)
  })

  test('the others have at most 14,336 bytes each, docs/results.md with its tables 24,576', () => {
    const size = (page: string) => Buffer.byteLength(pageText(page))
    const limit = (page: string) => (page === 'docs/results.md' ? 24_576 : 14_336)
    expect(PAGES.filter((page) => size(page) > limit(page))).toEqual([])
  })

  test('README.md has a table of results of at most 15 lines', () => {
    const [, table] = pageText('README.md').split(/<!-- results(?: end)? -->\n/)
    expect(table.trim().split('\n').length).toBeLessThanOrEqual(15)
  })
})
