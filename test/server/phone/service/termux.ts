/**
 * Termux as far as the service sees it: a home, a $PREFIX with what the package termux-services puts there, and Debian's runit.
 * Written after termux-services 0.13; there is no Android here.
 */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Finished, runProcess, startProcess } from '../../../child-processes.ts'
import type { Missing } from '../../../skip.ts'

/** Why there is no runit here, or false. */
export const noRunit: Missing = existsSync('/usr/bin/runsvdir') ? false : 'needs runit (Debian: apt-get install runit)'

export interface Termux {
  readonly home: string
  readonly prefix: string
  readonly service: string // folder of the service
  readonly logs: string // folder of its log
  readonly boot: string // its script that runs when the phone has booted
  readonly env: NodeJS.ProcessEnv
  /** Runs a program as in a terminal of Termux. */
  run(program: string, ...args: string[]): Promise<Finished>
  /** How often the phone was asked to stay awake. */
  wakeLocks(): number
  /** Process id of the server under runit; 0 where it does not run. */
  serverPid(): number
  /** Ends runit and what it supervises. */
  end(): Promise<void>
}

/** A new Termux. As after `pkg install termux-services`, runsvdir starts when start-services.sh is read. */
export function createTermux(): Termux {
  const root = mkdtempSync(join(tmpdir(), 'inkling-termux-'))
  const home = join(root, 'com.termux/files/home')
  const prefix = join(root, 'com.termux/files/usr')
  const wanted = join(prefix, 'var/run/wanted') // written by service-daemon: its environment
  const [locks, services] = [join(root, 'wake-locks'), join(prefix, 'var/service')]
  for (const folder of [home, services, join(prefix, 'var/log'), dirname(wanted)])
    mkdirSync(folder, { recursive: true })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
  const logger = 'service=${PWD%/log}\nlogs=$LOGDIR/sv/${service##*/}\nmkdir -p "$logs"\nexec svlogd -tt "$logs"\n'
  write('share/termux-services/svlogger', logger)
  write(
    'etc/profile.d/start-services.sh',
    `export SVDIR=$PREFIX/var/service\nexport LOGDIR=$PREFIX/var/log\n("${prefix}/bin/service-daemon" start >/dev/null 2>&1 &)\n`,
  )
  write('bin/service-daemon', `printf '%s\\n' "$SVDIR" "$LOGDIR" >${wanted}.new && mv ${wanted}.new ${wanted}\n`)
  write('bin/termux-wake-lock', `echo lock >>${locks}\n`)
  symlinkSync('/usr/bin/sv', join(prefix, 'bin/sv'))
  symlinkSync('/bin/sh', join(prefix, 'bin/sh'))

  const { PREFIX: _prefix, XDG_DATA_HOME: _data, ...rest } = process.env
  const plain = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('INKLING_')))
  const env = {
    ...plain,
    HOME: home,
    PREFIX: prefix,
    PATH: `${dirname(process.execPath)}:${prefix}/bin:${process.env.PATH}`,
  }

  // start-stop-daemon would leave runsvdir outside of the groups that the tests end
  let daemon: ReturnType<typeof startProcess> | undefined
  const watch = setInterval(() => {
    if (daemon || !existsSync(wanted)) return
    const [svdir, LOGDIR] = readFileSync(wanted, 'utf8').trim().split('\n')
    daemon = startProcess('runsvdir', [svdir], { env: { ...env, SVDIR: svdir, LOGDIR } })
  }, 50)

  function write(name: string, text: string): void {
    const path = join(prefix, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `#!/bin/sh\n${text}`)
    chmodSync(path, 0o755)
  }

  const service = join(services, 'inkling')
  return {
    home,
    prefix,
    service,
    env,
    logs: join(prefix, 'var/log/sv/inkling'),
    boot: join(home, '.termux/boot/inkling'),
    run: (program, ...args) => runProcess(program, args, { env, cwd: home }),
    wakeLocks: () => (existsSync(locks) ? readFileSync(locks, 'utf8').split('\n').length - 1 : 0),
    serverPid() {
      const file = join(service, 'supervise/pid')
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    },
    async end() {
      clearInterval(watch)
      daemon?.kill('SIGHUP') // it tells every service to end
      for (let k = 0; k < 100 && daemon && daemon.exitCode === null; k++) await sleep(50)
      for (let k = 0; k < 100 && existsSync(join(service, 'supervise/ok')) && this.serverPid(); k++) await sleep(50)
      rmSync(root, { recursive: true, force: true })
    },
  }
}
