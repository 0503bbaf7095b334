/** A server behind a proxy that is set up as docs/publishing.md says, or as most people do. */

import { afterEach } from 'vitest'
import { fenced } from '../../../docs/pages.ts'
import { freePorts } from '../../../free-port.ts'
import { testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { pasted, type ReverseProxy, selfSigned, startCaddy, startNginx } from './reverse-proxy.ts'
import { NAME } from './visitor.ts'

export const [PLAIN = '', SECURE = ''] = fenced('docs/publishing.md', 'nginx')
export const [CADDY = ''] = fenced('docs/publishing.md', 'caddy')

/** As most people set nginx up: it neither sets nor removes these two headers of a visitor. */
export const USUAL = SECURE.replaceAll(/.*proxy_set_header (X-Forwarded-Host|Forwarded) .*\n/g, '')

export const TRUSTED = { INKLING_TRUST_PROXY: '127.0.0.1' }

/** Starts a server and a proxy in each test, and stops both after it. */
export function serverBehindProxy() {
  let server: RunningServer
  let proxy: ReverseProxy
  let port = 0
  const files = selfSigned(`DNS:${NAME}`)
  afterEach(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  /** Puts a proxy in front of the server, instead of the one that is there. */
  async function front(block: string): Promise<void> {
    await proxy?.stop()
    const [http, https] = (await freePorts(2)) as [number, number]
    const ports = { http, https }
    if (block.includes('reverse_proxy')) proxy = await startCaddy(pasted(block, server.port, ports), ports)
    else proxy = await startNginx(pasted(block, server.port, ports, await files), https)
    port = https
  }

  return {
    /** Port of the proxy, over TLS. */
    port: () => port,
    output: () => server.output(),
    front,
    async start(block: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
      const settings = { INKLING_WEIGHTS: testWeights(), INKLING_HOSTS: NAME, INKLING_LEARNING: 'off', ...env }
      server = await startServer(settings)
      await front(block)
    },
  }
}
