/**
 * A process that decodes each file named on the command line once and prints, as JSON, the result and
 * its cost. Peak memory never falls, so its growth during one file is the most that the file can have added.
 */

import { existsSync, readFileSync } from 'node:fs'
import { decodeAtOnce } from '../../../core/picture.ts'
import { inflate } from '../../../server/files/inflate.ts'

const STATUS = '/proc/self/status'

/** Peak resident memory so far, KiB. Not maxRSS where there is /proc: that starts at the peak of the process that ran this one. */
function peak(): number {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(STATUS, 'utf8'))?.[1])
}

const costs = process.argv.slice(2).map((path) => {
  const file = readFileSync(path)
  const before = peak()
  const start = process.cpuUsage()
  let answer = '200 ok'
  let detail = ''
  try {
    decodeAtOnce(file, inflate)
  } catch (error) {
    const { status, code, message } = error as { status?: number; code?: string; message?: string }
    answer = `${status} ${code}`
    detail = String(message)
  }
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000 // of processor time: a busy machine adds nothing to it
  return { path, answer, detail, ms, megabytes: (peak() - before) / 1024 }
})
console.log(JSON.stringify(costs))
