/**
 * nginx and Caddy, as Debian packages them, in front of a server. They listen on loopback; configuration, logs and certificates are in a
 * temporary folder.
 */

import { once } from 'node:events'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tls } from 'node:tls'
import { runProcess, startProcess } from '../../../child-processes.ts'
import type { Missing } from '../../../skip.ts'

/** For a program that starts within a second on an idle machine, ms. */
const PATIENCE = 60_000

/** Why there is no nginx here, or false. Under CI it is never missing: tests fail without it. */
export const noNginx = missing('nginx', 'openssl')
export const noCaddy = missing('caddy')
export const noOpenssl = missing('openssl')

export interface ReverseProxy {
  /** Whatever it has written to its log. */
  log(): string
  stop(): Promise<void>
}

/** Files with a key and a self-signed certificate. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Ports at which a proxy listens, in place of 80 and 443. */
export interface Ports {
  readonly http: number
  readonly https: number
}

/**
 * Starts nginx with the rest of Debian's own configuration.
 * @param blocks what goes into /etc/nginx/conf.d: server blocks, or others of that level
 * @param port that one of them listens at
 * @throws Error with what nginx says of its configuration
 */
export async function startNginx(blocks: string, port: number): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const lines = [
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${join(folder, 'nginx.pid')};`,
    'events { worker_connections 768; }',
    'http {',
    'sendfile on; tcp_nopush on; types_hash_max_size 2048; gzip on;',
    `access_log ${join(folder, 'access.log')};`,
    ...temporary.map((name) => `${name}_temp_path ${join(folder, name)};`),
    blocks,
    '}',
  ]
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, lines.join('\n'))
  return start('nginx', ['-e', 'stderr', '-p', folder, '-c', file], {}, port)
}

/** Starts Caddy with sites as they stand in /etc/caddy/Caddyfile. Its certificates are of a local authority. */
export async function startCaddy(sites: string, { http, https }: Ports): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-caddy-'))
  const options = ['admin off', `http_port ${http}`, `https_port ${https}`, 'local_certs', 'skip_install_trust']
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, ['{', ...options, 'default_bind 127.0.0.1', '}', sites, ''].join('\n'))
  const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const caddy = await start('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], home, https)
  // it listens before it has certificates
  for (const [, servername] of sites.matchAll(/^(\S+) \{$/gm)) {
    const handshake = () => tls({ port: https, host: '127.0.0.1', servername, rejectUnauthorized: false })
    await connected(handshake, 'secureConnect', () => `Caddy has no certificate for ${servername}: ${caddy.log()}`)
  }
  return caddy
}

/** A block of a page as somebody pastes it: only the ports and the paths of the certificate are others. */
export function pasted(block: string, server: number, ports: Ports, files?: Certificate): string {
  return block
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${server}`)
    .replaceAll(/(?<=listen )80\b/g, `127.0.0.1:${ports.http}`)
    .replaceAll(/(?<=listen )443\b/g, `127.0.0.1:${ports.https}`)
    .replaceAll(/(?<=ssl_certificate ).*(?=;)/g, () => files?.certificate ?? '')
    .replaceAll(/(?<=ssl_certificate_key ).*(?=;)/g, () => files?.key ?? '')
}

/** A key and a self-signed certificate for names and addresses, such as `DNS:digits.example.org` and `IP:127.0.0.1`. */
export async function selfSigned(...names: readonly string[]): Promise<Certificate> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-certificate-'))
  const [certificate, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=inkling', '-addext', `subjectAltName=${names.join(',')}`]
  const { code, stderr } = await runProcess('openssl', [
    'req',
    '-x509',
    ...made,
    ...subject,
    '-out',
    certificate,
    '-keyout',
    key,
  ])
  if (code !== 0) throw new Error(`no certificate: ${stderr}`)
  return { certificate, key }
}

function missing(...programs: readonly string[]): Missing {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  const absent = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
  return (
    !process.env.CI &&
    absent.length > 0 &&
    `needs ${absent.join(' and ')} (Debian: apt-get install ${absent.join(' ')})`
  )
}

async function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv, port: number) {
  const PATH = `${process.env.PATH}${delimiter}/usr/sbin` // where Debian has nginx, and a user's PATH does not lead
  const child = startProcess(program, args, { env: { ...process.env, ...env, PATH } })
  let text = ''
  const add = (part: string) => {
    text += part
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', add)
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => add(String(error)))
    for (const event of ['error', 'exit'] as const) child.on(event, () => resolve())
  })
  const ended = new AbortController()
  void exited.then(() => ended.abort())
  const failure = () => `${program} does not listen at ${port}: ${text}`
  await connected(() => connect({ port, host: '127.0.0.1' }), 'connect', failure, ended.signal)
  return {
    log: () => text,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Dials until the socket has the event. @throws Error with `failure` where that takes too long, or `signal` says that it never will */
async function connected(
  dial: () => Socket,
  event: string,
  failure: () => string,
  signal?: AbortSignal,
): Promise<void> {
  for (let waited = 0; waited < PATIENCE && !signal?.aborted; waited += 20) {
    const socket = dial()
    try {
      await once(socket, event)
      return
    } catch {
      await sleep(20)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(failure())
}
