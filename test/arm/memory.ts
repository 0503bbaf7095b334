/**
 * Resident memory of a program under qemu-user, from /proc. Inside, `process.memoryUsage().rss` reads 0; outside, it includes the
 * emulator's memory. qemu's -B option moves the guest to a known address, which separates the two.
 */

import { readFileSync } from 'node:fs'

/** Address of the guest, for qemu's -B. Above 4 GiB, so that no memory of qemu lies in its window. */
export const GUEST_BASE = 0x2_0000_0000

const GUEST_SPAN = 0x1_0000_0000 // bytes: all a 32-bit program can address

export interface GuestMemory {
  readonly guest: number // bytes resident in the guest's window
  readonly emulator: number // bytes resident elsewhere: qemu and its translated code
}

/** Memory of the qemu process `pid`, started with `-B GUEST_BASE`. Throws where /proc does not know it. */
export function guestMemory(pid: number): GuestMemory {
  let guest = 0
  let emulator = 0
  let inside = false
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const mapping = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line)
    if (mapping) {
      const start = Number.parseInt(mapping[1], 16)
      inside = start >= GUEST_BASE && start < GUEST_BASE + GUEST_SPAN
    } else if (line.startsWith('Rss:')) {
      const bytes = Number.parseInt(line.slice(4), 10) * 1024
      if (inside) guest += bytes
      else emulator += bytes
    }
  }
  return { guest, emulator }
}
