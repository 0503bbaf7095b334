/** Settings: which source wins, and what is refused. */

import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../server/config.ts'

describe('the configuration', () => {
  it('has defaults', () => {
    expect(readConfig({}, {})).toMatchObject({
      port: 8000,
      host: '',
      hosts: [],
      rateLimit: 120,
      connections: 64,
      backend: '',
      weights: '',
      model: '',
      modelMemory: 48,
      state: '',
      learning: 'on',
    })
  })

  it('takes flags before INKLING_* before PORT and HOST, and an empty text for none', () => {
    const environment = { INKLING_PORT: '81', PORT: '82', HOST: '127.0.0.1', INKLING_HOST: '' }
    expect(readConfig({ port: '80' }, environment)).toMatchObject({ port: 80, host: '127.0.0.1' })
    expect(readConfig({}, environment).port).toBe(81)
    expect(readConfig({}, { ...environment, INKLING_PORT: '' }).port).toBe(82)
  })

  it('reads names, "off" and a backend', () => {
    const environment = { INKLING_HOSTS: 'a.example, b.example:81', INKLING_RATE_LIMIT: 'off', INKLING_BACKEND: 'ts' }
    expect(readConfig({}, environment)).toMatchObject({
      hosts: ['a.example', 'b.example:81'],
      rateLimit: Infinity,
      backend: 'ts',
    })
  })

  it('reads patterns of names, and trusted proxies, in any letters and with a comma too many', () => {
    const environment = {
      INKLING_HOSTS: 'ANY,*.A.example,.b.example:81,',
      INKLING_TRUST_PROXY: ' Loopback ,10.0.0.0/8,::1',
    }
    expect(readConfig({}, environment)).toMatchObject({
      hosts: ['any', '*.a.example', '.b.example:81'],
      trustProxy: ['loopback', '10.0.0.0/8', '::1'],
    })
  })

  it('shows a wrong name with how to write it', () => {
    expect(() => readConfig({ hosts: 'https://a.example' }, {})).toThrow(
      /^--hosts must be .*without http:\/\/ and path, such as digits\.example\.org.*; it is "https:\/\/a\.example"$/,
    )
  })

  it.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '8000.5'],
    ['PORT', '0x50'],
    ['HOST', 'a b'],
    ['INKLING_HOSTS', 'http://a.example'],
    ['INKLING_HOSTS', 'a.example,*'],
    ['INKLING_TRUST_PROXY', 'proxy.lan'],
    ['INKLING_TRUST_PROXY', 'loopback,10.0.0.0/33'],
    ['INKLING_RATE_LIMIT', '0'],
    ['INKLING_RATE_LIMIT', 'Infinity'],
    ['INKLING_RATE_LIMIT', 'never'],
    ['INKLING_CONNECTIONS', '0'],
    ['INKLING_BACKEND', 'gpu'],
    ['INKLING_MODEL', '../softmax'],
    ['INKLING_LEARNING', 'yes'],
    ['INKLING_MODEL_MEMORY', '0'],
    ['INKLING_MODEL_MEMORY', '48 MiB'],
  ])('refuses %s=%s, names it and ends with 2', (name, value) => {
    const read = () => readConfig({}, { [name]: value })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(new RegExp(`^${name} must be `))
    expect(read).toThrow(`; it is "${value}"`)
    try {
      read()
    } catch (error) {
      expect((error as ConfigError).exitCode).toBe(2)
    }
  })

  it.each([
    ['digits', '/digits/'],
    ['/digits', '/digits/'],
    ['digits/', '/digits/'],
    ['/digits/', '/digits/'],
    ['/at/home.2/~me/', '/at/home.2/~me/'],
    ['/', ''],
  ])('takes the base path %s for “%s”', (text, basePath) => {
    expect(readConfig({}, { INKLING_BASE_PATH: text })).toMatchObject({ basePath })
  })

  it.each([
    '/a/../b/',
    '..',
    '/a//b/',
    '//a',
    '/a?b=c',
    '/a#b',
    '/a b/',
    'http://phone/digits/',
    '/%61/',
    '\\digits',
    '/predict/', // where this server itself has something
    '/api/v1',
  ])('takes %s for no base path, and shows it', (text) => {
    expect(() => readConfig({ basePath: text }, {})).toThrow(ConfigError)
    expect(() => readConfig({ basePath: text }, {})).toThrow(text)
  })

  it('names the flag where a flag is wrong', () => {
    expect(() => readConfig({ rateLimit: 'x' }, {})).toThrow(/^--rate-limit must be/)
  })

  it('shows at most 80 characters of a wrong value, and nothing of it that moves the cursor or turns the text', () => {
    const value = `\x1b[2J\u202e${'9'.repeat(200)}`
    expect(() => readConfig({}, { PORT: value })).toThrow(
      `PORT must be a whole number from 0 to 65535; it is "\\u001b[2J\\u{202e}${'9'.repeat(75)}..."`,
    )
  })

  it.each([
    ['a blank before and a line end of Windows after', ' 8001\r'],
    ['the double quotes of a file of variables', '"8001"'],
    ['single quotes with blanks in them', "' 8001 '"],
  ])('takes a value without %s', (_, value) => {
    expect(readConfig({}, { INKLING_PORT: value, PORT: '1' }).port).toBe(8001)
    expect(readConfig({ port: value }, {}).port).toBe(8001)
  })

  it.each(['', ' ', '""', "''", '"'])('takes %j for no value, but for a quote alone', (value) => {
    const read = () => readConfig({}, { INKLING_PORT: value, PORT: '8002' }).port
    if (value === '"') expect(read).toThrow('INKLING_PORT must be a whole number')
    else expect(read()).toBe(8002)
  })

  it('expands ~ in each folder', () => {
    const environment = {
      INKLING_WEIGHTS: '~/w',
      INKLING_DATA: '"~/d"',
      INKLING_STATE: '~',
      INKLING_PAGE: '/a/~/p',
    }
    expect(readConfig({}, environment)).toMatchObject({
      weights: join(homedir(), 'w'),
      dataDir: join(homedir(), 'd'),
      state: join(homedir()),
      page: '/a/~/p',
    })
    expect(readConfig({ state: '~/s' }, environment).state).toBe(join(homedir(), 's'))
  })

  it('takes an IPv6 address with and without brackets', () => {
    expect(readConfig({ host: '[::1]' }, {}).host).toBe('::1')
    expect(readConfig({}, { INKLING_HOST: '::1' }).host).toBe('::1')
  })
})
