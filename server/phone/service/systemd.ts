/** The service under systemd, as a unit of this user: no root, and no more memory than a small machine has. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from '../../files/durable.ts'
import { fileHead, recordedOptions, runTool, type Supervisor } from './supervisor.ts'

const UNIT = 'inkling.service'

/** @param home folder of the user */
export function createSystemd(home: string): Supervisor {
  const file = join(process.env.XDG_CONFIG_HOME || join(home, '.config'), 'systemd/user', UNIT)
  const control = (...words: string[]) => runTool('systemctl', ['--user', ...words])
  const must = async (...words: string[]) => {
    const { done, said } = await control(...words)
    if (!done) throw new Error(`service: systemctl --user ${words.join(' ')} failed: ${said}`)
  }

  return {
    name: 'systemd',

    async install(command, options) {
      mkdirSync(join(file, '..'), { recursive: true })
      writeWhole(file, unitFile(command, options))
      await must('daemon-reload')
      await must('enable', UNIT)
      await must('restart', UNIT)
      const { username } = userInfo()
      return [
        `${file} is written, and systemd keeps the server running.`,
        existsSync(join('/var/lib/systemd/linger', username))
          ? 'It starts with the machine.'
          : `It ends when ${username} logs out, until you type: loginctl enable-linger`,
      ]
    },

    options: () => (existsSync(file) ? recordedOptions(readFileSync(file, 'utf8')) : undefined),

    async status() {
      const { said } = await control('show', UNIT, '--property=ActiveState,SubState,MainPID,NRestarts,MemoryCurrent')
      const running = /^ActiveState=active$/m.test(said)
      return { installed: existsSync(file), running, said: said.replaceAll('\n', ' ') }
    },

    async restart() {
      await must('restart', UNIT)
      return [`systemd started ${UNIT} again.`]
    },

    logs(lines, follow) {
      const words = ['journalctl', '--user', '--unit', UNIT, '--lines', String(lines), '--no-pager']
      return follow ? [...words, '--follow'] : words
    },

    async remove() {
      if (!existsSync(file)) return []
      await must('disable', '--now', UNIT)
      rmSync(file)
      await must('daemon-reload')
      return [`${file} is removed.`]
    },
  }
}

/** The text of the unit. Wrong use, exit code 2, ends again however often it is tried. */
export function unitFile(command: readonly string[], options: readonly string[]): string {
  return `${fileHead(options)}
[Unit]
Description=Inkling, handwritten digits
StartLimitIntervalSec=0

[Service]
ExecStart=${command.map(quoted).join(' ')}
Restart=always
RestartSec=5
RestartPreventExitStatus=2
TimeoutStopSec=15
MemoryMax=512M
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`
}

// As one word of a unit: systemd replaces %, $ and what a backslash begins.
function quoted(word: string): string {
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}
