/** The unit of systemd: what it says, and that systemd understands it. No systemd runs here. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { recordedOptions } from '../../../../server/phone/service/supervisor.ts'
import { unitFile } from '../../../../server/phone/service/systemd.ts'
import { runProcess } from '../../../child-processes.ts'
import { testUnless } from '../../../skip.ts'
import { run } from '../../command.ts'

const OPTIONS = ['--port', '8080', '--state', '/srv/100 % "mine" \\ $HOME']

describe('the unit', () => {
  const text = unitFile([process.execPath, '--max-old-space-size=96', '/opt/inkling.js', 'serve', ...OPTIONS], OPTIONS)

  test('starts the server again whenever it ends, except after wrong use, and bounds its memory', () => {
    for (const line of ['Restart=always', 'RestartPreventExitStatus=2', 'MemoryMax=512M', 'WantedBy=default.target']) {
      expect(text.split('\n')).toContain(line)
    }
  })

  test('keeps the options, for the next installation', () => {
    expect(recordedOptions(text)).toEqual(OPTIONS)
  })

  test('quotes what systemd would replace', () => {
    expect(text).toMatch(/^ExecStart="[^\n]*" "--state" "\/srv\/100 %% \\"mine\\" \\\\ \$\$HOME"$/m)
  })

  const missing = !existsSync('/usr/bin/systemd-analyze') && 'needs systemd-analyze (Debian: apt-get install systemd)'
  testUnless(missing, 'is one that systemd-analyze has nothing to say against', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-unit-'))
    const verify = async (content: string) => {
      const file = join(folder, 'inkling.service')
      writeFileSync(file, content)
      const { code, stdout, stderr } = await runProcess('systemd-analyze', ['verify', '--user', '--man=no', file], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      })
      return { code, said: `${stdout}${stderr}` }
    }
    expect(await verify(text)).toEqual({ code: 0, said: '' })
    expect((await verify(text.replace('Restart=always', 'Restart=sometimes'))).said).toContain('sometimes')
    rmSync(folder, { recursive: true })
  })
})

const booted = existsSync('/run/systemd/system') && 'systemd runs this machine'
testUnless(
  booted,
  'without Termux and systemd inkling service says what it found, expected, and what to do',
  async () => {
    const { code, stderr } = await run(['service', 'install'], { PREFIX: undefined })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^inkling: service: needs runit in Termux, or systemd; this system has [^\n]* serve [^\n]*\n$/,
    )
  },
)

test('in Termux without termux-services inkling service says which package is missing', async () => {
  const { code, stderr } = await run(['service', 'status'], { PREFIX: '/nowhere/com.termux/files/usr' })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^inkling: service: this is Termux, and [^\n]* is missing; type: pkg install termux-services, [^\n]*\n$/,
  )
})
