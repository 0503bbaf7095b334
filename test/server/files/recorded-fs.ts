/**
 * node:fs that writes down every change to the disk while it makes it, to be put in place of node:fs with `vi.mock`. A function that
 * changes the disk and is not known here throws, so that none is left out of the record.
 */

import type * as FileSystem from 'node:fs'
import { join, resolve } from 'node:path'
import type { Operation } from './power-cut.ts'

let record: Operation[] | undefined

/** The changes that `work` makes, in order. */
export function recordChanges(work: () => void): Operation[] {
  const operations: Operation[] = []
  record = operations
  try {
    work()
  } finally {
    record = undefined
  }
  return operations
}

const CHANGING =
  /^(append|chmod|chown|copy|cp|fchmod|fchown|ftrunc|futimes|lchmod|lchown|link|lutimes|mkdtemp|symlink|truncate|utimes|unlink|writev)/

/** @param fs the real one */
export function recordedFs(fs: typeof FileSystem): typeof FileSystem {
  const files = new Map<number, { path: string; at: number }>() // open ones
  const bytesOf = (data: unknown) => (typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array))
  const note = (...operations: Operation[]) => record?.push(...operations)
  const known: Partial<typeof FileSystem> = {
    writeFileSync(file, data, options) {
      if (typeof file !== 'string' || typeof options === 'object')
        throw new Error('a way to write that is not recorded')
      fs.writeFileSync(file, data, options)
      const path = resolve(file)
      note({ type: 'cut', path, length: 0 }, { type: 'write', path, at: 0, bytes: bytesOf(data) })
    },
    openSync(file, flags, mode) {
      const descriptor = fs.openSync(file, flags, mode)
      const path = resolve(String(file))
      files.set(descriptor, { path, at: 0 })
      if (/^w/.test(String(flags))) note({ type: 'cut', path, length: 0 })
      return descriptor
    },
    writeSync(descriptor: number, data: unknown, ...rest: unknown[]) {
      if (rest.length > 0) throw new Error('a way to write that is not recorded')
      const file = files.get(descriptor) as { path: string; at: number }
      note({ type: 'write', path: file.path, at: file.at, bytes: bytesOf(data) })
      file.at += bytesOf(data).length
      return fs.writeSync(descriptor, data as string)
    },
    fsyncSync(descriptor) {
      fs.fsyncSync(descriptor)
      note({ type: 'sync', path: files.get(descriptor)?.path ?? '' })
    },
    fdatasyncSync(descriptor) {
      fs.fdatasyncSync(descriptor)
      note({ type: 'sync', path: files.get(descriptor)?.path ?? '' })
    },
    closeSync(descriptor) {
      fs.closeSync(descriptor)
      files.delete(descriptor)
    },
    renameSync(from, to) {
      fs.renameSync(from, to)
      note({ type: 'rename', path: resolve(String(from)), to: resolve(String(to)) })
    },
    mkdirSync: ((path: string, options: FileSystem.MakeDirectoryOptions) => {
      const missing: string[] = []
      for (let each = resolve(path); !fs.existsSync(each); each = join(each, '..')) missing.unshift(each)
      const made = fs.mkdirSync(path, options)
      note(...missing.map((each): Operation => ({ type: 'make folder', path: each })))
      return made
    }) as typeof FileSystem.mkdirSync,
    rmSync(path, options) {
      const there = fs.existsSync(path)
      fs.rmSync(path, options)
      if (there) note({ type: 'remove', path: resolve(String(path)) })
    },
  }
  const refused = Object.keys(fs).filter((name) => CHANGING.test(name) && /Sync$/.test(name))
  const refuse = (name: string) => [
    name,
    (...args: unknown[]) => {
      if (record) throw new Error(`${name} is not recorded`)
      return (fs[name as 'appendFileSync'] as (...values: unknown[]) => unknown)(...args)
    },
  ]
  return { ...fs, ...Object.fromEntries(refused.map(refuse)), ...known }
}
