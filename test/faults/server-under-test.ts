/** The server under test: a process started as a user does, killed and measured from outside. */

import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newToken } from '../../server/http/owner.ts'
import { startProcess } from '../child-processes.ts'
import { ROOT } from '../server/command.ts'
import { type Connection, connectTo } from './connection.ts'

/** A start that takes longer is broken, ms. */
export const LONGEST_START = 5000

const TOKEN = newToken()
const OWNER = { authorization: `Bearer ${TOKEN}` }

export function newFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `inkling-${name}-`))
}

// Fresh installations have no data sets.
const NO_DATA = newFolder('nodata')

export interface Subject {
  readonly pid: number
  /** Resolves with the ms from the start until /readyz answers 200; rejects when the server ends or takes too long. */
  readonly ready: Promise<number>
  /** A connection to the server from an address of this machine. Only after `ready`. */
  connect(address?: string): Connection
  /** The owner's connection. */
  owner(): Connection
  /** Sends a signal, and resolves with the exit code, or the name of the signal, when the server has ended. */
  end(signal: NodeJS.Signals): Promise<number | string>
  readonly ended: boolean
  /** Output so far. */
  output(): string
}

/**
 * Starts a server without quotas and data sets.
 * @param env further settings
 * @param command program and arguments that start `inkling`; this Node and the repository's unless given
 */
export function startSubject(
  state: string,
  env: Readonly<Record<string, string>> = {},
  [program, ...args]: readonly string[] = [process.execPath, 'server/inkling.js'],
): Subject {
  const began = performance.now()
  const child = startProcess(program, [...args, 'serve'], {
    cwd: ROOT,
    env: {
      ...process.env,
      HOST: '',
      PORT: '',
      INKLING_PORT: '0',
      INKLING_RATE_LIMIT: 'off',
      INKLING_CONNECTIONS: '256',
      INKLING_DATA: NO_DATA,
      INKLING_STATE: state,
      INKLING_TOKEN: TOKEN,
      INKLING_TEACHERS: 'anyone', // whose word counts is not what is tested here
      ...env,
    },
  })
  const exited = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as string))
  let [printed, port, ended] = ['', 0, false]
  void exited.then(() => {
    ended = true
  })
  const connections = new Set<Connection>()
  const open = (address?: string, headers = {}) => {
    const connection = connectTo(port, address, headers)
    connections.add(connection)
    return connection
  }

  const listening = new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      printed += text
      const found = /http:\/\/[^\s]+:(\d+)\s/.exec(printed)
      if (found) port = Number(found[1])
      if (found) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${printed}`)))
    const late = () => reject(new Error(`the server is not ready after ${4 * LONGEST_START} ms: ${printed}`))
    setTimeout(late, 4 * LONGEST_START).unref()
  })
  const ready = listening.then(async () => {
    const { status } = await open().send('GET', '/readyz')
    if (status !== 200) throw new Error(`/readyz says ${status}`)
    return performance.now() - began
  })
  ready.catch(() => {}) // a caller that kills it first need not await it

  return {
    pid: child.pid as number,
    ready,
    connect: (address) => open(address),
    owner: () => open(undefined, OWNER),
    async end(signal) {
      child.kill(signal)
      const code = await exited
      for (const connection of connections) connection.close()
      return code
    },
    get ended() {
      return ended
    },
    output: () => printed,
  }
}
