/**
 * Firefox and WebKit without a screen, as Debian packages them: firefox-esr speaks WebDriver BiDi itself, WebKitGTK's MiniBrowser is
 * driven by WebKitWebDriver and draws into Xvfb. Only what a test of the page's arithmetic needs: to open a page and to ask it.
 */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startProcess } from '../child-processes.ts'
import { freePort } from '../free-port.ts'
import type { Missing } from '../skip.ts'
import { isExecutable } from './chromium.ts'

/** For whatever a browser does, on a busy machine too, ms. */
const PATIENCE = 60_000

export interface DrivenBrowser {
  /** Opens a page, and waits until it is loaded. */
  open(url: string): Promise<void>
  /**
   * What an expression comes to in the page.
   * @param expression JavaScript; a promise of a string
   */
  ask(expression: string): Promise<string>
  close(): Promise<void>
}

export interface BrowserKind {
  readonly name: string
  /** Why it cannot be started here, or false. */
  readonly missing: Missing
  start(): Promise<DrivenBrowser>
}

export const FIREFOX: BrowserKind = {
  name: 'Firefox',
  missing: program('firefox-esr') ? false : 'there is no firefox-esr',
  start: startFirefox,
}

export const WEBKIT: BrowserKind = {
  name: 'WebKit',
  missing: missingOfWebKit(),
  start: startWebKit,
}

function missingOfWebKit(): Missing {
  if (!program('WebKitWebDriver') || !miniBrowser()) return 'there is no webkit2gtk-driver'
  return program('Xvfb') ? false : 'there is no xvfb, in which WebKit draws'
}

/** Path of a program; undefined where it is not installed. */
function program(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/** Path of WebKitGTK's small browser, which Debian keeps beside its library, in a folder of the architecture's. */
function miniBrowser(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : []
  return folders.map((name) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`).find(isExecutable)
}

async function startFirefox(): Promise<DrivenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'inkling-firefox-'))
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank']
  const child = startProcess('firefox-esr', flags, {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
  })
  const address = await printed(child, /WebDriver BiDi listening on (ws:\S+)/)
  const socket = new WebSocket(`${address}/session`)
  const pending = new Map<number, (answer: BidiAnswer) => void>()
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as BidiAnswer
    pending.get(answer.id)?.(answer)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('Firefox takes no connection')))
  })
  async function call(method: string, params: object): Promise<BidiAnswer['result']> {
    const id = ++count
    const answer = await limited<BidiAnswer>(method, (resolve) => {
      pending.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
    if (answer.type === 'error') throw new Error(`Firefox, ${method}: ${answer.message}`)
    return answer.result
  }
  await call('session.new', { capabilities: {} })
  const { contexts = [] } = await call('browsingContext.getTree', {})
  const context = contexts[0]?.context ?? ''
  return {
    async open(url) {
      await call('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    async ask(expression) {
      const { result, exceptionDetails } = await call('script.evaluate', {
        expression,
        awaitPromise: true,
        target: { context },
      })
      if (exceptionDetails) throw new Error(`in Firefox: ${exceptionDetails.text}`)
      return String(result?.value)
    },
    async close() {
      socket.close()
      await ended(child)
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** An answer of WebDriver BiDi, as far as it is read here. */
interface BidiAnswer {
  readonly id: number
  readonly type: 'success' | 'error'
  readonly message?: string
  readonly result: {
    readonly contexts?: readonly { readonly context: string }[]
    readonly result?: { readonly value?: unknown }
    readonly exceptionDetails?: { readonly text: string }
  }
}

async function startWebKit(): Promise<DrivenBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'inkling-webkit-'))
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_RUNTIME_DIR: home }
  // it picks a free display, and prints its number when it is there
  const screen = startProcess('Xvfb', ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], { env })
  const display = `:${await printed(screen, /^(\d+)\n/)}`
  const port = await freePort()
  const driver = startProcess('WebKitWebDriver', [`--port=${port}`], { env: { ...env, DISPLAY: display } })
  const address = `http://127.0.0.1:${port}`

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const init = { method, ...(body && { body: JSON.stringify(body) }), signal: AbortSignal.timeout(PATIENCE) }
    const answer = await fetch(address + path, init)
    const { value } = (await answer.json()) as { readonly value: unknown }
    if (!answer.ok) throw new Error(`WebKit, ${path}: ${JSON.stringify(value)}`)
    return value
  }
  const listening = Date.now() + PATIENCE
  for (;;) {
    const up = await call('GET', '/status').catch(() => false)
    if (up) break
    if (Date.now() > listening) throw new Error('WebKitWebDriver does not listen')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const options = { binary: miniBrowser(), args: ['--automation'] }
  const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options, timeouts: { script: PATIENCE } } }
  const { sessionId } = (await call('POST', '/session', { capabilities })) as { readonly sessionId: string }
  const session = `/session/${sessionId}`
  return {
    async open(url) {
      await call('POST', `${session}/url`, { url })
    },
    async ask(expression) {
      const script = `const [done] = arguments
Promise.resolve(${expression}).then((value) => done(String(value)), (error) => done('threw ' + error))`
      const value = String(await call('POST', `${session}/execute/async`, { script, args: [] }))
      if (value.startsWith('threw ')) throw new Error(`in WebKit: ${value}`)
      return value
    },
    async close() {
      await call('DELETE', session).catch(() => {})
      for (const child of [driver, screen]) await ended(child)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Waits until a program has printed something; its first group. */
function printed(child: ReturnType<typeof startProcess>, pattern: RegExp): Promise<string> {
  let text = ''
  return limited<string>(`to print ${pattern}`, (resolve, reject) => {
    const read = (part: Buffer): void => {
      text += part.toString()
      const found = pattern.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`it ended: ${text}`)))
  })
}

async function ended(child: ReturnType<typeof startProcess>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(timer)
}

function limited<T>(
  what: string,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited for ${PATIENCE / 1000} s for it: ${what}`)), PATIENCE)
    const settle = () => clearTimeout(timer)
    start(
      (value) => {
        settle()
        resolve(value)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
  })
}
