/** Programs in place of termux-battery-status, and folders in place of /sys/class/power_supply, for tests. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What Termux:API prints, and its values here. */
export function termuxStatus(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    present: true,
    technology: 'Li-ion',
    health: 'GOOD',
    plugged: 'PLUGGED_AC',
    status: 'CHARGING',
    temperature: 30.5,
    voltage: 4012,
    current: 412000,
    percentage: 80,
    level: 80,
    scale: 100,
    ...changes,
  })
}

export interface FakeBattery {
  readonly folder: string // of the program, in which it runs
  /** PATH on which the program is the first. */
  readonly path: string
  /** Replaces the program by another script; several of them may run at once. */
  set(script: string): void
  /** Makes the program print what Termux:API would. */
  say(changes?: Readonly<Record<string, unknown>>): void
  /** Process ids of its runs, and those that scripts have written with `echo PID >> pids`. */
  pids(): number[]
}

/** A folder with a program termux-battery-status, a script of sh that runs in that folder. */
export function fakeBattery(): FakeBattery {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-battery-'))
  const set = (script: string) => {
    const file = join(folder, 'termux-battery-status')
    writeFileSync(`${file}.new`, `#!/bin/sh\ncd ${folder}\necho $$ >> pids\n${script}\n`)
    chmodSync(`${file}.new`, 0o755)
    renameSync(`${file}.new`, file)
  }
  return {
    folder,
    path: `${folder}${delimiter}${process.env.PATH}`,
    set,
    say: (changes = {}) => set(`echo '${termuxStatus(changes)}'`),
    pids() {
      const file = join(folder, 'pids')
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []
    },
  }
}

/** Whether a process is still there, and not just waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** A folder of power supplies: for each its files and their contents. */
export function powerSupplies(supplies: Readonly<Record<string, Readonly<Record<string, string | number>>>>): string {
  const root = mkdtempSync(join(tmpdir(), 'inkling-supplies-'))
  for (const [name, files] of Object.entries(supplies)) {
    mkdirSync(join(root, name))
    for (const [file, value] of Object.entries(files)) writeFileSync(join(root, name, file), `${value}\n`)
  }
  return root
}
