/** What a process has used, from outside: Linux's /proc. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Missing } from '../skip.ts'

/** Why this system does not say, for test/skip.ts. */
export const noProc: Missing = process.platform !== 'linux' && 'only Linux has /proc'

/** Processor time of all its threads since its start, ms. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10 // ticks of 10 ms: user, system
}

/** Resident memory now, and at its highest since the last `resetPeak`, bytes. */
export function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** How often its threads have been woken since their start: each wait for something is one. */
export function wakes(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
    .reduce((sum, status) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]), 0)
}

/** Bytes it has written to files since its start, in calls of the system. */
export function written(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}
