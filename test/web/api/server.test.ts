import { afterEach, describe, expect, test } from 'vitest'
import { askServer, confinedTo, findServer, serverUrl } from '../../../web/api/server.ts'

const PAGE = 'https://pages.example/inkling/'
const find = (api: string, built = '') => findServer(`${PAGE}?api=${encodeURIComponent(api)}#model=cnn`, built)

describe('the server that a page asks', () => {
  test('is the one it came from, unless its build or its address names another; the address counts more', () => {
    expect(findServer(PAGE, '')).toEqual({ kind: 'own' })
    expect(findServer(`${PAGE}?other=1`, '')).toEqual({ kind: 'own' })
    expect(findServer(PAGE, 'http://phone.lan:8000/')).toMatchObject({ kind: 'other', url: 'http://phone.lan:8000/' })
    expect(find('http://a.lan/', 'http://phone.lan:8000/')).toMatchObject({ url: 'http://a.lan/' })
    expect(find(PAGE, 'http://phone.lan:8000/')).toEqual({ kind: 'own' })
  })

  test.each([
    ['http://phone.lan:8000', 'http://phone.lan:8000/'],
    ['http://phone.lan:8000/', 'http://phone.lan:8000/'],
    [' HTTP://Phone.LAN:80 ', 'http://phone.lan/'],
    ['http://phone.lan:8000/digits', 'http://phone.lan:8000/digits/'],
    ['http://phone.lan:8000/digits/', 'http://phone.lan:8000/digits/'],
    ['http://phone.lan:8000/digits/api/v1/', 'http://phone.lan:8000/digits/'],
    ['http://phone.lan:8000/api/v1', 'http://phone.lan:8000/'],
    ['http://[fd00::7]:8000', 'http://[fd00::7]:8000/'],
  ])('is found at %s', (api, url) => {
    expect(find(api)).toEqual({ kind: 'other', url, sameOrigin: false, mixed: true })
  })

  test.each([
    ['https://pages.example/', 'http://phone.lan/', true],
    ['https://pages.example/', 'https://phone.lan/', false],
    ['https://pages.example/', 'http://localhost:8000/', false],
    ['https://pages.example/', 'http://127.0.0.1:8000/', false],
    ['http://pages.example/', 'http://phone.lan/', false],
  ])('asked by a page at %s, at %s mixes https and http: %s', (page, api, mixed) => {
    expect(findServer(`${page}?api=${api}`, '')).toMatchObject({ kind: 'other', mixed })
  })

  test('may be below another path of the same origin, where nothing stands in between', () => {
    expect(find('https://pages.example/phone')).toMatchObject({ url: 'https://pages.example/phone/', sameOrigin: true })
  })

  test.each([
    '',
    'phone.lan:8000',
    '192.168.1.7',
    '/digits/',
    'ftp://phone.lan/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'http://',
    'http://phone.lan:99999/',
    'http://owner:token@phone.lan/',
    'http://phone.lan/?model=cnn',
    'http://phone.lan/#model=cnn',
    'http:\\\\phone.lan',
  ])('is none for %s, and the words show it with what was expected', (api) => {
    const server = find(api, 'http://phone.lan:8000/')
    if (server.kind !== 'unusable') throw new Error(server.kind)
    expect(server.words).toContain(`“${api}”`)
    expect(server.words).toContain('http://phone.lan:8000/ or the like was expected')
  })

  test('is none for a text of any length, of which 80 characters are shown', () => {
    const server = find('x'.repeat(5000))
    expect(server.kind === 'unusable' && server.words).toContain(`“${'x'.repeat(80)}…”`)
  })
})

describe('a path of the server', () => {
  afterEach(() => askServer({ kind: 'own' }))

  test('is relative to the page, below the other server’s path, or nowhere; files of the page are where they are', () => {
    const file = 'https://pages.example/inkling/assets/simd.wasm'
    expect(serverUrl('api/v1/models')).toBe('api/v1/models')
    askServer(find('http://phone.lan:8000/digits'))
    expect(serverUrl('api/v1/models')).toBe('http://phone.lan:8000/digits/api/v1/models')
    expect(serverUrl(file)).toBe(file)
    askServer(confinedTo('http://phone.lan:8000'))
    expect(serverUrl('api/v1/models')).toBeUndefined()
  })
})
