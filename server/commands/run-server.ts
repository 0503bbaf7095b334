/** Runs the server until a signal ends it. Needs no parser of command lines: `serve` alone may be all that a phone ever loads. */

import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { readConfig, SETTINGS } from '../config.ts'
import { isLoopback } from '../http/visitors/hosts.ts'
import { isPhone } from '../phone/machine.ts'
import { ownVariables } from './own-variables.ts'

/** Exit codes after a second signal during shutdown: 128 and the signal's number. */
const IMPATIENT = { SIGTERM: 143, SIGINT: 130 } as const

/** Settings by their names, as text. */
export type SettingTexts = Readonly<Record<string, string | undefined>>

/** The settings in the words after `serve`; undefined where these are anything but flags with a value, such as --help or a mistake. */
export function readFlags(words: readonly string[]): SettingTexts | undefined {
  const names = Object.entries(SETTINGS).map(([name, { flag }]) => [flag.split(' ')[0].slice(2), name])
  const options = Object.fromEntries(names.map(([flag]) => [flag, { type: 'string' as const }]))
  try {
    const { values } = parseArgs({ args: [...words], options })
    return Object.fromEntries(names.map(([flag, name]) => [name, values[flag] as string | undefined]))
  } catch {
    return undefined
  }
}

/** Resolves when the server answers. */
export async function runServer(flags: SettingTexts): Promise<void> {
  // From here on a signal ends the server: while it starts, at once, for nothing was promised to anybody yet.
  let stop = (): void => process.exit(0)
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const launchers = process.listeners(signal)
    process.on(signal, () => {
      if (stopping) process.exit(IMPATIENT[signal])
      stopping = true
      stop()
    })
    // only now: a signal that has come and was not handled yet is lost where no listener is left
    for (const listener of launchers) process.off(signal, listener)
  }
  surviveTerminal()

  const warn = (message: string): void => console.error(`inkling: ${message}`)
  const { variables, notes } = await ownVariables(flags, process.env)
  const config = readConfig(flags, variables)
  for (const note of notes) warn(note)
  const { startServer } = await import('../node.ts')
  const running = await startServer(config, warn)
  stop = () => void running.stop().then(() => process.exit(0))

  console.log(`Inkling is at ${running.urls.join('\n          and ')}\n${running.summary}`)

  if (process.stdout.isTTY && isPhone()) await printCode(running.urls)

  flushCompileCache() // a server may be killed before it would write the cache
}

// Of a phone the address goes into another device, whose camera spares the typing. Elsewhere the first visit is at localhost, and the
// code would push out of sight what was said before; a log has no use for it.
async function printCode(urls: readonly string[]): Promise<void> {
  const url = urls.find((one) => !isLoopback(new URL(one).hostname))
  if (url === undefined) return
  const { qrText, terminalOf } = await import('../phone/qr-code.ts')
  const code = qrText(url, terminalOf(process.stdout, process.env))
  if (code !== undefined) console.log(code)
}

// When a terminal closes, the processes in it get SIGHUP, and what they then print fails with EIO; a pipe fails with EPIPE.
function surviveTerminal(): void {
  process.on('SIGHUP', () => {})
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {})
}
