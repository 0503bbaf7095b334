/**
 * Charge and temperature of the battery from Termux:API's program `termux-battery-status`. It hangs for ever where the app
 * Termux:API is missing, and now and then where it is not, so it has a time limit, and what it leaves running is killed.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { isCharge, isTemperature, type PowerReading, type UnknownPower } from './power-reading.ts'

/** The program, searched for on PATH. */
export const TERMUX_BATTERY = 'termux-battery-status'

/** Time after which it is killed, ms. */
const LIMIT = 3000

/** Most that it may print, bytes; it prints about 400. */
const MOST_OUTPUT = 65_536

/** Reading of the battery. */
export interface TermuxReading {
  readonly ended: Promise<PowerReading | UnknownPower> // never rejects
  /** Kills the program, with all that it has started. */
  stop(): void
}

/** Starts the program. Where the system lets no process start, the reading is unknown. */
export function readTermuxBattery(limit = LIMIT): TermuxReading {
  const child = startProgram()
  const stdout = child?.stdout
  // without memory there is no process, and without file descriptors no pipe to it
  if (!child || !stdout) {
    return { ended: Promise.resolve({ unknown: `${TERMUX_BATTERY} cannot be started` }), stop() {} }
  }
  let output = ''
  let settle: (reading: PowerReading | UnknownPower) => void
  const ended = new Promise<PowerReading | UnknownPower>((resolve) => {
    settle = (reading) => {
      clearTimeout(timer)
      process.off('exit', kill)
      resolve(reading)
    }
  })
  const kill = () => killSession(child)
  const giveUp = (unknown: string) => {
    kill()
    stdout.destroy()
    settle({ unknown })
  }
  const timer = setTimeout(() => giveUp(`${TERMUX_BATTERY} did not answer within ${limit / 1000} s`), limit)
  process.on('exit', kill)
  stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > MOST_OUTPUT) giveUp(`${TERMUX_BATTERY} printed more than ${MOST_OUTPUT} bytes`)
  })
  child.on('error', (error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT'
        ? 'is not installed (pkg install termux-api, and the app Termux:API)'
        : `cannot be started (${error.code})`
    settle({ unknown: `${TERMUX_BATTERY} ${why}` })
  })
  // after the end of the program and of its output
  child.on('close', (code, signal) => {
    settle(code === 0 ? parse(output) : { unknown: `${TERMUX_BATTERY} ended with ${signal ?? `exit code ${code}`}` })
  })
  return { ended, stop: () => giveUp(`${TERMUX_BATTERY} was stopped`) }
}

// In a session of its own, by which all that it starts can be found.
function startProgram(): ChildProcess | undefined {
  try {
    const child = spawn(TERMUX_BATTERY, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    return child.on('error', () => {}) // where there is no pipe nobody else listens
  } catch {
    return undefined
  }
}

/** The reading in what the program prints: JSON of all versions of Termux:API. */
function parse(output: string): PowerReading | UnknownPower {
  let fields: unknown
  try {
    fields = JSON.parse(output)
  } catch {
    return { unknown: `${TERMUX_BATTERY} printed something other than JSON` }
  }
  const { percentage, level, scale, temperature, plugged, status } = Object(fields) as Record<string, unknown>
  const missing = (what: string) => ({ unknown: `${TERMUX_BATTERY} does not say ${what}` })
  // newer versions leave out a percentage of 0
  const share = percentage === undefined ? (100 * number(level)) / number(scale) : number(percentage)
  if (!isCharge(share)) return missing('the charge of the battery')
  const degrees = number(temperature)
  if (!isTemperature(degrees)) return missing('the temperature of the battery')
  const charging = isCharging(plugged, status)
  if (charging === undefined) return missing('whether the battery is charged')
  return { charging, charge: share, temperature: degrees, source: 'termux' }
}

// A battery that is full, or held at a limit to spare it, does not charge, but the charger does the work. PLUGGED_-1 is unknown.
function isCharging(plugged: unknown, status: unknown): boolean | undefined {
  if (plugged === 'UNPLUGGED' || status === 'DISCHARGING') return false
  if (/^PLUGGED_(?!-)/.test(String(plugged))) return true
  return status === 'CHARGING' ? true : undefined
}

// Some versions give numbers as text, some languages with a decimal comma.
function number(value: unknown): number {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value.trim().replace(',', '.') : ''
  return text === '' ? Number.NaN : Number(text)
}

// By session, not by group: the program's own `timeout` moves what it starts to another group. Twice, since it may be starting more.
function killSession({ pid }: ChildProcess): void {
  if (pid === undefined) return
  for (let pass = 0; pass < 2; pass++) {
    for (const member of [...sessionMembers(pid), -pid]) {
      try {
        process.kill(member, 'SIGKILL')
      } catch {
        // it has ended
      }
    }
  }
}

/** Process ids of a session; none where the system does not show them. */
function sessionMembers(session: number): number[] {
  let entries: string[] = []
  try {
    entries = readdirSync('/proc')
  } catch {
    return []
  }
  return entries.map(Number).filter((pid) => pid > 0 && sessionOf(pid) === session)
}

function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // after the name in brackets: state, parent, group, session
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])
  } catch {
    return undefined // it has ended, or is somebody else's
  }
}
