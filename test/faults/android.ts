/**
 * Android's habits, for a process of Node that loads this before all else (`NODE_OPTIONS=--import=`, which reaches its threads
 * too): each changes Node's own modules as a phone with Termux does. INKLING_HABITS names those to imitate, INKLING_CLOCK a file
 * with the ms by which the clock of the day is wrong. It imports nothing of this project.
 */

import dgram from 'node:dgram'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

type Call = (...args: never[]) => unknown

const denied = (code: string, call: string, path: string, errno = -13) =>
  Object.assign(new Error(`${code}: permission denied, ${call} '${path}'`), { errno, code, syscall: call, path })

/** As Node reports what libuv has no name for. */
const systemError = (call: string, errno: number) =>
  Object.assign(new Error(`A system error occurred: ${call} returned Unknown system error ${errno}`), {
    name: 'SystemError',
    code: 'ERR_SYSTEM_ERROR',
    info: { errno, code: `Unknown system error ${errno}`, syscall: call },
  })

function fail(error: () => Error): () => never {
  return () => {
    throw error()
  }
}

/** Replaces a function of a module. A replacement that returns undefined leaves the call to the original. */
function replace<Module extends object>(
  module: Module,
  name: keyof Module & string,
  made: (original: Call) => Call,
): void {
  const original = module[name] as Call
  Object.assign(module, { [name]: made(original) })
}

/** Denies files to the calls of `fs`, in all its three styles. */
function deny(calls: readonly string[], refusal: (path: string, call: string) => Error | undefined): void {
  const pathOf = (file: unknown) => (file instanceof URL ? file.pathname : String(file))
  for (const call of calls) {
    replace(fs, `${call}Sync` as 'openSync', (original) => (...args) => {
      const error = refusal(pathOf(args[0]), call)
      if (error) throw error
      return original(...args)
    })
    replace(fs.promises, call as 'open', (original) => async (...args) => {
      const error = refusal(pathOf(args[0]), call)
      if (error) throw error
      return original(...args)
    })
    replace(fs, call as 'open', (original) => (...args) => {
      const error = refusal(pathOf(args[0]), call)
      if (!error) return original(...args)
      const done = args.at(-1) as unknown as (error: Error) => void
      process.nextTick(done, error)
    })
  }
}

const READING = ['readFile', 'open', 'stat', 'lstat', 'readdir', 'access', 'realpath', 'readlink'] as const

/** What `os.availableParallelism` may say. */
const parallelism = (cores: number) => () => Object.assign(os, { availableParallelism: () => cores })

function breakSocket(change: (socket: dgram.Socket) => void): void {
  replace(dgram, 'createSocket', (original) => (...args) => {
    const socket = original(...args) as dgram.Socket
    change(socket)
    return socket
  })
}

export const HABITS: Readonly<Record<string, () => void>> = {
  platform: () => void Object.defineProperty(process, 'platform', { value: 'android' }),
  cpus: () => void Object.assign(os, { cpus: () => [] }),
  'cores-0': parallelism(0),
  'cores-nan': parallelism(Number.NaN),
  'cores-many': parallelism(64),
  interfaces: () => {
    const refused = fail(() => systemError('uv_interface_addresses', 13))
    Object.assign(os, { networkInterfaces: refused })
  },
  'interfaces-denied': () => {
    Object.assign(os, { networkInterfaces: fail(() => denied('EACCES', 'uv_interface_addresses', '')) })
  },
  'interfaces-none': () => void Object.assign(os, { networkInterfaces: () => ({}) }),
  'udp-works': () => {
    breakSocket((socket) => {
      const emit = () => void process.nextTick(() => socket.emit('connect'))
      Object.assign(socket, { connect: emit, address: () => ({ address: '192.168.1.7', family: 'IPv4', port: 9 }) })
    })
  },
  'udp-forbidden': () => {
    Object.assign(dgram, { createSocket: fail(() => denied('EPERM', 'socket', '', -1)) })
  },
  'udp-throws': () => {
    breakSocket((socket) => Object.assign(socket, { connect: fail(() => denied('EACCES', 'connect', '')) }))
  },
  'udp-fails': () => {
    breakSocket((socket) => {
      const emit = () => void process.nextTick(() => socket.emit('error', denied('ENETUNREACH', 'connect', '', -101)))
      Object.assign(socket, { connect: emit })
    })
  },
  'udp-nowhere': () => {
    // without a route, the address is that of no interface
    breakSocket((socket) => {
      Object.assign(socket, { address: () => ({ address: '0.0.0.0', family: 'IPv4', port: 9 }) })
    })
  },
  'udp-silent': () => breakSocket((socket) => Object.assign(socket, { connect: () => {} })),
  'udp-address': () => {
    breakSocket((socket) => Object.assign(socket, { address: fail(() => denied('EBADF', 'getsockname', '', -9)) }))
  },
  proc: () => {
    deny(READING, (path, call) => (/^\/(proc|sys)(\/|$)/.test(path) ? denied('EACCES', call, path) : undefined))
    replace(fs, 'existsSync', (original) => (path) => !/^\/(proc|sys)(\/|$)/.test(String(path)) && original(path))
    Object.assign(os, { totalmem: () => 0, freemem: () => 0, loadavg: () => [0, 0, 0] })
  },
  statfs: () => deny(['statfs'], (path, call) => denied('ENOSYS', call, path, -38)),
  'statfs-zero': () => {
    const nothing = { type: 0, bsize: 0, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 }
    Object.assign(fs, {
      statfsSync: () => nothing,
      statfs: (_: string, done: Call) => done(null as never, nothing as never),
    })
    Object.assign(fs.promises, { statfs: async () => nothing })
  },
  home: () => {
    delete process.env.HOME
    const missing = fail(() => systemError('uv_os_homedir', -2))
    Object.assign(os, { homedir: missing, userInfo: fail(() => systemError('uv_os_get_passwd', -2)) })
  },
  tmp: () => {
    for (const name of ['TMPDIR', 'TMP', 'TEMP']) delete process.env[name]
    Object.assign(os, { tmpdir: () => '/data/data/com.termux/files/usr/tmp' })
  },
  priority: () => {
    const refused = fail(() => systemError('uv_os_setpriority', -13))
    Object.assign(os, { setPriority: refused, getPriority: refused })
  },
  hostname: () => void Object.assign(os, { hostname: () => 'localhost' }),
  links: () => deny(['link'], (path, call) => denied('EACCES', call, path)),
  'folder-sync': () => {
    replace(fs, 'fsyncSync', (original) => (file) => {
      if (fs.fstatSync(file).isDirectory()) throw denied('EINVAL', 'fsync', '', -22)
      return original(file)
    })
  },
  'folder-open': () => {
    deny(['open'], (path, call) =>
      fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ? denied('EACCES', call, path) : undefined,
    )
  },
}

/** The clock of the day, wrong by what the file says at each moment; what measures durations goes on as it is. */
function shiftClock(file: string): void {
  const read = fs.readFileSync
  const Real = Date
  const now = () => {
    try {
      return Real.now() + Number(read(file, 'utf8'))
    } catch {
      return Real.now()
    }
  }
  class Shifted extends Real {
    constructor(...args: [] | [number]) {
      super(...((args.length === 0 ? [now()] : args) as [number]))
    }
    static override now = now
  }
  globalThis.Date = Shifted as DateConstructor
}

for (const name of (process.env.INKLING_HABITS ?? '').split(',').filter(Boolean)) {
  const imitate = HABITS[name]
  if (!imitate) throw new Error(`no habit is called ${name}`)
  imitate()
}
if (process.env.INKLING_CLOCK) shiftClock(process.env.INKLING_CLOCK)
syncBuiltinESMExports()
