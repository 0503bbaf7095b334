import { describe, expect, test } from 'vitest'
import { findServer } from '../../../web/api/server.ts'
import { shareAddress } from '../../../web/views/share-address.ts'

const PHONE = ['http://192.168.1.7:8000/', 'http://[fd00::7]:8000/']
const share = (page: string, addresses: readonly string[] = [], built = '') =>
  shareAddress(page, findServer(page, built), addresses)

describe('the address for another device', () => {
  test.each([
    ['http://phone.lan:8000/', 'http://phone.lan:8000'],
    ['http://phone.lan:8000/index.html#model=cnn', 'http://phone.lan:8000'],
    ['https://home.example/at/home/?utm=1#model=cnn', 'https://home.example/at/home/'],
  ])('of a phone’s own page at %s is %s, whatever the phone says', (page, expected) => {
    expect(share(page)).toBe(expected)
    expect(share(page, PHONE)).toBe(expected)
  })

  test.each([
    'http://localhost:8000/',
    'http://phone.localhost:8000/',
    'http://127.0.0.1:8000/digits/',
    'http://[::1]:8000/',
  ])('of %s is what the phone says, or none', (page) => {
    expect(share(page, PHONE)).toBe(PHONE[0])
    expect(share(page)).toBe('')
  })

  test('of a page elsewhere says which phone to ask, unless it was built for that one', () => {
    const api = `https://pages.example/inkling/?api=${encodeURIComponent('http://phone.lan:8000/')}`
    expect(share('https://pages.example/inkling/?api=http://phone.lan:8000#model=cnn')).toBe(api)
    expect(share('https://pages.example/inkling/', [], 'http://phone.lan:8000/')).toBe('https://pages.example/inkling/')
  })

  test('of a page elsewhere that asks this machine’s phone names the phone as others reach it, or is none', () => {
    const page = 'https://pages.example/?api=http://localhost:8000/'
    expect(share(page, PHONE)).toBe(`https://pages.example/?api=${encodeURIComponent(PHONE[0])}`)
    expect(share(page)).toBe('')
  })

  test('of a page that only this machine has is the phone’s own', () => {
    expect(share('http://localhost:5173/?api=http://phone.lan:8000/digits/')).toBe('http://phone.lan:8000/digits/')
    expect(share('http://localhost:5173/?api=http://localhost:8000', PHONE)).toBe(PHONE[0])
  })
})
