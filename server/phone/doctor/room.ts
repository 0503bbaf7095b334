/** Checks of the room there is: memory, storage, heap; and of the clock. */

import { MEBIBYTE } from '../../../core/recognizer.ts'
import { type Finding, fault, ok } from './finding.ts'

/** What a server needs while it learns, MiB. */
const SERVER_MEMORY = 150

/** Free space below which the store takes nothing, MiB. */
const LEAST_STORAGE = 64

/** Largest limit of V8's heap that leaves an old phone room for the rest, MiB. */
const LARGEST_HEAP = 110

/** This version was made after this moment, ms since 1970: an earlier clock is wrong. */
const MADE = Date.UTC(2026, 10, 1)

/** Years after which a clock is more likely wrong than right. */
const LATE = 20

/**
 * @param meminfo text of /proc/meminfo; undefined where it cannot be read
 * @param running whether a server runs, whose memory is then already taken
 */
export function checkMemory(meminfo: string | undefined, running: boolean): Finding {
  const name = 'memory'
  const kilobytes = (key: string) => Number(new RegExp(`^${key}:\\s*(\\d+) kB$`, 'm').exec(meminfo ?? '')?.[1])
  const [available, total] = [kilobytes('MemAvailable') / 1024, kilobytes('MemTotal') / 1024]
  const expected = `${SERVER_MEMORY} MiB for the server while it learns`
  if (!Number.isFinite(available)) {
    return fault('unknown', name, '/proc/meminfo does not say', expected, 'cat /proc/meminfo')
  }
  const found = `${Math.round(available)} MiB of ${Math.round(total)} MiB available`
  if (running || available >= SERVER_MEMORY) return ok(name, found)
  return fault('warning', name, found, expected, 'ps -eo rss,args | sort -n | tail')
}

/** @param free bytes free where the state directory is; undefined where the system does not tell */
export function checkStorage(free: number | undefined, folder: string): Finding {
  const name = 'storage'
  const expected = `${LEAST_STORAGE} MiB: with less, corrections are refused`
  if (free === undefined) return fault('unknown', name, 'the system does not say', expected, `df -h ${folder}`)
  const found = `${Math.floor(free / MEBIBYTE)} MiB free`
  if (free >= LEAST_STORAGE * MEBIBYTE) return ok(name, found)
  return fault('warning', name, found, expected, `df -h ${folder}; du -sh ~/* | sort -h`)
}

/** @param limit of V8's heap in the server, bytes @param command that starts a server with a lower one */
export function checkHeap(limit: number, command: string): Finding {
  const name = 'heap'
  const expected = `at most ${LARGEST_HEAP} MiB`
  const found = `the server's limit is ${Math.round(limit / MEBIBYTE)} MiB`
  return limit <= LARGEST_HEAP * MEBIBYTE ? ok(name, found) : fault('warning', name, found, expected, command)
}

/** @param now ms since 1970 */
export function checkClock(now: number, android: boolean): Finding {
  const name = 'clock'
  const date = new Date(now)
  const found = Number.isNaN(date.getTime()) ? 'no time' : date.toISOString().slice(0, 16).replace('T', ' ')
  if (now >= MADE && now < MADE + LATE * 365.25 * 86_400_000) return ok(name, `${found} UTC`)
  const expected = `a time from ${new Date(MADE).getUTCFullYear()} on, and not in the far future`
  const remedy = android ? 'am start -a android.settings.DATE_SETTINGS' : 'sudo timedatectl set-ntp true'
  return fault('warning', name, `${found} UTC`, expected, remedy)
}
