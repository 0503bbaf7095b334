/** What a program does to the disk and what it prints, in order, as strace sees it: with all that SQLite does. */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProcess, runTool } from '../../child-processes.ts'
import type { Missing } from '../../skip.ts'
import type { Operation } from '../files/power-cut.ts'

/** Why nothing can be traced here, for test/skip.ts. */
export const noTrace: Missing =
  !runTool('strace', '-o', '/dev/null', 'true') && 'strace is not installed or may not trace'

export type Traced = Operation | { readonly type: 'print'; readonly text: string }

const CALLS = 'openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,mkdir'

/**
 * Runs a script with Node and returns what it did below a folder.
 * @throws Error when it fails, or changes the disk in a way that is not known here
 */
export async function traceScript(folder: string, script: string, ...args: string[]): Promise<Traced[]> {
  const trace = join(mkdtempSync(join(tmpdir(), 'inkling-trace-')), 'trace')
  // calls in order, also of other threads; all bytes in hexadecimal; paths of open files
  const flags = [
    '-f',
    '-y',
    '-xx',
    '-s',
    '10000000',
    '-e',
    `trace=${CALLS},/^(rename|unlink|mkdir|pwritev|writev).+`,
    '-o',
    trace,
  ]
  const { code, stderr } = await runProcess('strace', [...flags, process.execPath, script, ...args])
  if (code !== 0) throw new Error(`the traced script ended with ${code}: ${stderr}`)
  return wholeLines(readFileSync(trace, 'latin1').split('\n'))
    .flatMap((line) => operationOf(line) ?? [])
    .filter((one) => one.type === 'print' || one.path.startsWith(`${folder}/`) || one.path === folder)
}

// Where another thread calls meanwhile, strace begins a line and goes on in another: they are one when the call has ended.
function wholeLines(lines: readonly string[]): string[] {
  const begun = new Map<string, string>() // by thread
  return lines.flatMap((line) => {
    const [, pid = '', start] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(line) ?? []
    if (start !== undefined) {
      begun.set(pid, `${pid} ${start}`)
      return []
    }
    const [, resumed = '', rest = ''] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? []
    return resumed ? `${begun.get(resumed) ?? ''}${rest}` : line
  })
}

// A line is: PID CALL(ARGUMENTS) = RESULT, an open file being NUMBER<PATH>.
function operationOf(line: string): Traced | undefined {
  const [, call, rest, result] = /^\d+ +(\w+)\((.*)\) = (-?\d+)/.exec(line) ?? []
  if (!call || Number(result) < 0) return undefined
  const [first = '', second = ''] = [...rest.matchAll(/(?:"|<)((?:\\x..)*)(?:"|>)/g)].map(([, hex]) => decode(hex))
  const last = Number(/(\d+)$/.exec(rest)?.[1])
  const bytes = Buffer.from(second, 'latin1')
  if (call === 'write' && /^1</.test(rest)) return { type: 'print', text: second }
  if (call === 'pwrite64') return { type: 'write', path: first, at: last, bytes }
  if (call === 'ftruncate') return { type: 'cut', path: first, length: last }
  if (call === 'fsync' || call === 'fdatasync') return { type: 'sync', path: first }
  if (call === 'unlink') return { type: 'remove', path: first }
  if (call === 'rename') return { type: 'rename', path: first, to: second }
  if (call === 'mkdir') return { type: 'make folder', path: first }
  // of opening only that it makes a file matters: writing nothing at its beginning does so too
  if (call === 'openat' && rest.includes('O_CREAT') && !rest.includes('O_TRUNC')) {
    return { type: 'write', path: second.startsWith('/') ? second : first, at: 0, bytes: Buffer.alloc(0) }
  }
  if (call === 'openat' || (call === 'write' && !first.startsWith('/'))) return undefined
  return { type: 'unknown', path: first } as never
}

function decode(hex: string): string {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('latin1')
}
