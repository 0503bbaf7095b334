/** The service under runit, as the package termux-services sets it up: a folder in $PREFIX/var/service, a log, a boot script. */

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeWhole } from '../../files/durable.ts'
import { type Account, fileHead, recordedOptions, runTool, type Supervisor } from './supervisor.ts'

const NAME = 'inkling'

/** Time for runsvdir, which looks every 5 s, to find a new service, ms. */
const START_PATIENCE = 15_000

/** Of svlogd: the size of a log file, bytes, and how many old ones are kept. */
const LOG_ROTATION = 's100000\nn5\n'

/** The folders in which runit and Termux look for things. */
export interface TermuxFolders {
  readonly prefix: string // $PREFIX
  readonly home: string
}

/** @throws Error with a sentence where termux-services is missing */
export function createRunit({ prefix, home }: TermuxFolders): Supervisor {
  const logger = join(prefix, 'share/termux-services/svlogger')
  const starter = join(prefix, 'etc/profile.d/start-services.sh')
  const sv = join(prefix, 'bin/sv')
  const shell = join(prefix, 'bin/sh')
  for (const file of [sv, logger, starter]) {
    if (existsSync(file)) continue
    throw new Error(
      `service: this is Termux, and ${file} is missing; type: pkg install termux-services, then close Termux and open it again`,
    )
  }
  const services = join(prefix, 'var/service')
  const folder = join(services, NAME)
  const logs = join(prefix, 'var/log/sv', NAME)
  const boot = join(home, '.termux/boot', NAME)
  const env = { ...process.env, PREFIX: prefix, SVDIR: services, LOGDIR: join(prefix, 'var/log') }
  const control = (...words: string[]) => runTool(sv, words, env)

  function writeService(into: string, command: readonly string[], options: readonly string[]): void {
    mkdirSync(join(into, 'log'), { recursive: true })
    writeProgram(
      join(into, 'run'),
      `#!${shell}\n${fileHead(options)}exec 2>&1\nexec ${command.map(quoted).join(' ')}\n`,
    )
    writeProgram(join(into, 'finish'), `#!${shell}\n${fileHead(options)}${FINISH}`)
    rmSync(join(into, 'log/run'), { force: true })
    symlinkSync(logger, join(into, 'log/run'))
  }

  return {
    name: 'runit',

    async install(command, options) {
      mkdirSync(logs, { recursive: true })
      writeWhole(join(logs, 'config'), LOG_ROTATION)
      mkdirSync(join(home, '.termux/boot'), { recursive: true })
      writeProgram(boot, bootScript(prefix, shell, starter))
      const changed = existsSync(folder)
      if (changed) {
        writeService(folder, command, options)
        rmSync(join(folder, 'down'), { force: true }) // of sv-disable
      } else {
        const hidden = join(services, `.${NAME}.new`) // runsvdir does not look at it
        rmSync(hidden, { recursive: true, force: true })
        writeService(hidden, command, options)
        renameSync(hidden, folder)
      }
      // starts runsvdir unless it runs: after the installation of termux-services no terminal may have been opened
      await runTool(shell, ['-c', `. "${starter}"`], env)
      const end = performance.now() + START_PATIENCE
      while (!existsSync(join(folder, 'supervise/ok')) && performance.now() < end) await sleep(200)
      const { said } = await control(changed ? 'restart' : 'up', NAME)
      if (!existsSync(join(folder, 'supervise/ok')))
        throw new Error(`service: ${folder} is written, but runit does not start it: ${said}`)
      const lock = await runTool(join(prefix, 'bin/termux-wake-lock'), [])
      return [
        `${folder} is written, and runit keeps the server running.`,
        `The log is in ${logs}, at most 0.6 MB of it.`,
        `${boot} starts it when the phone has booted: that needs the app Termux:Boot, opened once by hand.`,
        lock.done
          ? 'The phone stays awake for it (termux-wake-lock).'
          : `The phone may sleep, and the server with it: termux-wake-lock failed (${lock.said || 'without a word'}).`,
      ]
    },

    options: () => (existsSync(folder) ? recordedOptions(readFileSync(join(folder, 'run'), 'utf8')) : undefined),

    async status() {
      const { said } = await control('status', NAME)
      return { installed: existsSync(folder), running: said.startsWith('run:'), said }
    },

    async restart() {
      const { done, said } = await control('restart', NAME)
      if (!done) throw new Error(`service: sv restart ${NAME} failed: ${said}`)
      return [said]
    },

    logs: (lines, follow) => ['tail', '-n', String(lines), ...(follow ? ['-F'] : []), join(logs, 'current')],

    // out of runsvdir's sight first, else it would start it again
    async remove() {
      const done: string[] = []
      const hidden = join(services, `.${NAME}.removed`)
      if (existsSync(folder)) {
        rmSync(hidden, { recursive: true, force: true })
        renameSync(folder, hidden)
        done.push(`${folder} is removed.`)
      }
      if (existsSync(hidden)) {
        await control('-w', '20', 'exit', hidden)
        rmSync(hidden, { recursive: true, force: true })
      }
      if (existsSync(boot)) done.push(`${boot} is removed.`)
      rmSync(boot, { force: true })
      return [...done, `The log is still in ${logs}.`] satisfies Account
    },
  }
}

/** runit starts a server that ended again after a second; after a failure, such as a port that is taken, later: a phone gets hot. */
const FINISH = `# $1: the exit code, or -1 after a signal
[ "$1" -le 0 ] || exec sleep 10
`

function bootScript(prefix: string, shell: string, starter: string): string {
  return `#!${shell}
# Written by \`inkling service install\`. Starts the services of Termux when the phone has booted, and keeps it awake.
export PREFIX="${prefix}"
"$PREFIX/bin/termux-wake-lock"
. "${starter}"
`
}

function writeProgram(path: string, text: string): void {
  writeWhole(path, text)
  chmodSync(path, 0o755)
}

// As one word of the shell.
function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
