/** The address by which another device opens the page: the visitor's own, with its path, where another device can use that. */

import { isOwnMachine, type ServerAddress } from '../api/server.ts'

/**
 * @param page address of this page
 * @param server which one it asks
 * @param addresses what that server says of its own, the most likely first
 * @returns '' where none is known
 */
export function shareAddress(page: string, server: ServerAddress, addresses: readonly string[]): string {
  const own = new URL('./', page)
  if (server.kind !== 'other') return isOwnMachine(own) ? (addresses[0] ?? '') : short(own)
  const asked = new URL(server.url)
  const phone = isOwnMachine(asked) ? (addresses[0] ?? '') : asked.href
  // a page that only this machine has is of no use elsewhere, but the phone has one too
  if (phone === '' || isOwnMachine(own)) return phone
  if (new URL(page).searchParams.has('api')) own.searchParams.set('api', phone)
  return short(own)
}

// At the root of a host without the slash, which nobody types.
function short({ href, pathname, search, origin }: URL): string {
  return pathname === '/' && search === '' ? origin : href
}
