/** How many files and connections the system lets this process have open at once, and how many it has. */

import { readdirSync, readFileSync } from 'node:fs'

/** A limit of the system that a process meets: both counts are of files, folders, connections and the like. */
export interface OpenFilesLimit {
  readonly most: number
  readonly open: number // now
}

/** undefined where the system does not say, or has no limit. Node has already raised it as far as it may. */
export function openFilesLimit(proc = '/proc/self'): OpenFilesLimit | undefined {
  try {
    const most = /^Max open files\s+(\d+)/m.exec(readFileSync(`${proc}/limits`, 'utf8'))?.[1]
    const open = readdirSync(`${proc}/fd`).length
    return most === undefined ? undefined : { most: Number(most), open }
  } catch {
    return undefined
  }
}
