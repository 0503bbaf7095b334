import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { networkUrls } from '../../../server/http/addresses.ts'
import { runTool, startProcess } from '../../child-processes.ts'
import { readTerminal } from '../../qr-codes.ts'
import { describeUnless } from '../../skip.ts'
import { ROOT } from '../command.ts'
import { fakeBattery } from '../phone/fake-battery.ts'
import { newState } from '../running-server.ts'

const TERMUX = { PREFIX: '/data/data/com.termux/files/usr' }

const [address] = await networkUrls('', { port: 0, family: 'IPv4' })
const missing =
  (!runTool('script', '-qec', 'true', '/dev/null') && 'it needs the program script, of util-linux') ||
  (address === undefined && 'it needs a network with IPv4')

describeUnless(missing, 'inkling serve in a terminal', () => {
  it('on a phone prints its address as a QR code that a reader reads', async () => {
    const battery = fakeBattery()
    battery.say()
    const printed = await serve({ ...TERMUX, PATH: battery.path }, /\nbackend .*\n((.*\n){17})/)
    const [, url] = /\n\s+and (http:\/\/\d\S*)/.exec(printed) ?? []
    const [, code = ''] = /\nbackend .*\n([\s\S]*)/.exec(printed) ?? []
    expect(url).toMatch(/^http:\/\/\d+\.\d+\.\d+\.\d+:\d+$/)
    expect(readTerminal(code, false)).toBe(url)
  })

  it('on another machine prints no code', async () => {
    expect(await serve({ PREFIX: '' }, /\nbackend .*\n/)).not.toMatch(/[▀▄█]/)
  })
})

/** What it prints in a terminal of its own, to half a second after `pattern` has come. */
async function serve(environment: NodeJS.ProcessEnv, pattern: RegExp): Promise<string> {
  const command = `stty cols 80; exec ${process.execPath} server/inkling.js serve --port 0`
  const { NO_COLOR: _, INKLING_HOST: __, HOST: ___, ...inherited } = process.env
  const child = startProcess('script', ['-qec', command, '/dev/null'], {
    cwd: ROOT,
    env: { ...inherited, INKLING_STATE: newState(), LC_ALL: 'C.UTF-8', TERM: 'xterm', ...environment },
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text.replaceAll('\r', '')
  })
  await expect.poll(() => printed, { timeout: 60_000 }).toMatch(pattern)
  await sleep(500)
  const all = printed
  const ended = new Promise((resolve) => child.on('close', resolve))
  child.kill('SIGTERM')
  await ended
  return all
}
