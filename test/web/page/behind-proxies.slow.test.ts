/** The page behind reverse proxies that are set up as docs/publishing.md says: an answer and a correction through each. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { fenced } from '../../docs/pages.ts'
import { freePorts } from '../../free-port.ts'
import {
  noCaddy,
  noNginx,
  type Ports,
  pasted,
  type ReverseProxy,
  selfSigned,
  startCaddy,
  startNginx,
} from '../../server/http/visitors/reverse-proxy.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { describeUnless } from '../../skip.ts'
import { ownDigits } from '../digits.ts'
import { testModels } from '../models.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const [http, https] = (await freePorts(2)) as [number, number]
const ports: Ports = { http, https }
const NAMES = ['digits.example.org', 'example.org', 'phone.lan', 'some-words.trycloudflare.com']
const LEADING_HERE = NAMES.flatMap((name) => [
  `MAP ${name}:80 127.0.0.1:${ports.http}`,
  `MAP ${name}:443 127.0.0.1:${ports.https}`,
  `MAP ${name} 127.0.0.1`,
])
const files = noNginx ? undefined : await selfSigned(...NAMES.map((name) => `DNS:${name}`))
const blocks = { nginx: fenced('docs/publishing.md', 'nginx'), caddy: fenced('docs/publishing.md', 'caddy') }
const [plain, secure, stripped, kept] = blocks.nginx as [string, string, string, string]
const [caddy, below] = blocks.caddy as [string, string]
const models = testModels()

/** What the browser says of itself: that on plain http it ignores headers, and that something was refused. */
const ABOUT_HEADERS = /Cross-Origin-Opener-Policy|Origin-Agent-Cluster/
const REFUSED = /Failed to load resource/

/** What the log says where a name or a proxy is not known. */
const WARNED = /refused|proxy/

/** What a test does: it starts a server, then a proxy in front of it, and visits the page. */
interface Stage {
  serve(env?: Readonly<Record<string, string>>): Promise<RunningServer>
  nginx(block: string): Promise<void>
  caddy(sites: string): Promise<void>
  /** Draws a 7 and says that it is one. The phone's answer is the browser's, and its verdict on the first one comes with the events. */
  use(url: string, options?: BrowserContextOptions): Promise<void>
  browser(): Browser
}

function describePage(title: string, tests: (stage: Stage) => void): void {
  const inBrowser = (browser: () => Browser) => {
    let server: RunningServer
    let proxy: ReverseProxy
    let visits = 0
    afterEach(async () => {
      await proxy?.stop()
      await server?.stop()
    })
    tests({
      async serve(env = {}) {
        visits = 0
        server = await startServer({ INKLING_WEIGHTS: models, INKLING_MODEL: 'softmax', ...env })
        return server
      },
      async nginx(block) {
        proxy = await startNginx(pasted(block, server.port, ports, files), ports.http)
      },
      async caddy(sites) {
        proxy = await startCaddy(pasted(sites, server.port, ports), ports)
      },
      async use(url, options) {
        const { page, complaints, close } = await visit(browser(), url, { ignoreHTTPSErrors: true, ...options })
        page.setDefaultTimeout(30_000)
        await drawWithMouse(page, ownDigits()[7]?.strokes ?? [], 'slow')
        expect(await agreedDigit(page)).toBe(7)
        await page.keyboard.press('7')
        await page.getByText('Kept: a 7, so the answer was right.').waitFor()
        if (visits++ === 0) await page.locator('#outcome-verdict:not(:empty)').waitFor()
        await close()
        expect(complaints.filter((text) => !ABOUT_HEADERS.test(text))).toEqual([])
      },
      browser,
    })
  }
  describeInBrowser(title, inBrowser, LEADING_HERE)
}

test('the page has no block besides those that are run here', () => {
  expect([blocks.nginx.length, blocks.caddy.length]).toEqual([4, 2])
})

const inServer = (location: string) => `server {\nlisten 80;\n${location}}\n`

describeUnless(noNginx, 'behind nginx', () => {
  describePage('the page answers and learns', ({ serve, nginx, use, browser }) => {
    test('without any setting: at an address, at a name of the home network, and under https whatever its name', async () => {
      const server = await serve()
      await nginx(plain + secure.replaceAll(/.*(proxy_set_header|listen 80).*\n/g, ''))
      await use(`http://127.0.0.1:${ports.http}/`)
      await use(`http://phone.lan:${ports.http}/`)
      await use('http://phone.lan/')
      await use('https://digits.example.org/')
      expect(server.output()).not.toMatch(/refused/)
    })

    test('with a domain and TLS, at any port, and where http leads to https', async () => {
      const server = await serve({ INKLING_HOSTS: 'digits.example.org', INKLING_TRUST_PROXY: 'loopback' })
      await nginx(secure)
      await use('https://digits.example.org/')
      await use(`https://digits.example.org:${ports.https}/`)
      await use('http://digits.example.org/')
      expect(server.output()).not.toMatch(WARNED)
    })

    test('below a path that nginx strips', async () => {
      await serve()
      await nginx(inServer(stripped))
      await use(`http://127.0.0.1:${ports.http}/digits/`)
      await use('http://phone.lan/digits/')
      await use(`http://phone.lan:${ports.http}/digits`)
    })

    test('below a path that nginx keeps', async () => {
      await serve({ INKLING_BASE_PATH: '/digits/' })
      await nginx(inServer(kept))
      await use(`http://127.0.0.1:${ports.http}/digits/`)
      await use('http://phone.lan/digits/')
      await use(`http://phone.lan:${ports.http}/digits`)
    })

    test('where nginx asks for a password', async () => {
      const users = join(mkdtempSync(join(tmpdir(), 'inkling-users-')), 'users')
      writeFileSync(users, 'somebody:{PLAIN}secret\n')
      await serve()
      await nginx(plain.replace('location', `auth_basic "Inkling";\nauth_basic_user_file ${users};\nlocation`))
      await use(`http://127.0.0.1:${http}/`, { httpCredentials: { username: 'somebody', password: 'secret' } })
    })

    test('through a tunnel once its name is set; until then the page and the log say how', async () => {
      const tunnel = secure.replaceAll('digits.example.org', 'some-words.trycloudflare.com')
      const url = 'https://some-words.trycloudflare.com/'
      const server = await serve()
      await nginx(tunnel)
      const { page, complaints, close } = await visit(browser(), url, { ignoreHTTPSErrors: true, ready: false })
      await page.getByText('INKLING_HOSTS=some-words.trycloudflare.com').waitFor()
      expect(complaints.filter((text) => !REFUSED.test(text))).toEqual([])
      await close()
      const told = server.output().match(/^inkling: .*INKLING_HOSTS=some-words\.trycloudflare\.com$/gm)
      expect(told).toHaveLength(1)
    })

    test('through a tunnel with a name below one that is set', async () => {
      await serve({ INKLING_HOSTS: '.trycloudflare.com', INKLING_TRUST_PROXY: 'loopback' })
      await nginx(secure.replaceAll('digits.example.org', 'some-words.trycloudflare.com'))
      await use('https://some-words.trycloudflare.com/')
    })
  })
})

describeUnless(noCaddy, 'behind Caddy', () => {
  describePage('the page answers and learns', ({ serve, caddy: start, use }) => {
    test('with a domain, and below a path', async () => {
      const server = await serve({ INKLING_HOSTS: '.example.org', INKLING_TRUST_PROXY: 'loopback' })
      await start(caddy + below)
      await use('https://digits.example.org/')
      await use('https://example.org/digits/')
      await use('https://example.org/digits')
      expect(server.output()).not.toMatch(WARNED)
    })
  })
})
