/**
 * A file system as a power cut leaves it. Names and contents count as on disk only once they were synced: contents by a sync of the
 * file, names by a sync of their folder (POSIX promises no more). What was not synced may be there all the same.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

interface File {
  contents: Buffer
  synced: Buffer
}

interface Folder {
  entries: Map<string, File | Folder>
  synced: Map<string, File | Folder>
}

/** One change to the disk, as a program asked for it. Paths are absolute. */
export type Operation =
  | { readonly type: 'write'; readonly path: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'cut'; readonly path: string; readonly length: number }
  | { readonly type: 'sync' | 'make folder' | 'remove'; readonly path: string }
  | { readonly type: 'rename'; readonly path: string; readonly to: string }

/** Which of the things not synced a power cut leaves: names, and of contents all, the first half or none. */
export interface Leftover {
  readonly names: boolean
  readonly contents: 'all' | 'half' | 'none'
}

export const LEFTOVERS: readonly Leftover[] = [true, false].flatMap((names) =>
  (['all', 'half', 'none'] as const).map((contents) => ({ names, contents })),
)

/** The disk below a folder, as it is after some operations. */
export class Disk {
  readonly #root: string
  readonly #top: Folder

  /** @param root a folder of the real file system; what it holds now is on disk */
  constructor(root: string) {
    this.#root = root
    this.#top = snapshot(root)
  }

  apply(operation: Operation): void {
    const { type, path } = operation
    if (relative(this.#root, path).startsWith('..')) return
    if (type === 'sync') {
      const node = this.#find(path)
      if ('contents' in node) node.synced = node.contents
      else node.synced = new Map(node.entries)
      return
    }
    const { entries } = this.#find(dirname(path)) as Folder
    const name = basename(path)
    if (type === 'remove') entries.delete(name)
    else if (type === 'make folder') entries.set(name, { entries: new Map(), synced: new Map() })
    else if (type === 'rename') {
      const node = this.#find(path)
      entries.delete(name)
      ;(this.#find(dirname(operation.to)) as Folder).entries.set(basename(operation.to), node)
    } else {
      const file = (entries.get(name) ?? { contents: Buffer.alloc(0), synced: Buffer.alloc(0) }) as File
      entries.set(name, file)
      file.contents = changed(file.contents, operation)
    }
  }

  /** Writes what a power cut now would leave to an empty folder of the real file system. */
  writeAfterPowerCut(target: string, { names, contents }: Leftover): void {
    const put = (node: File | Folder, path: string) => {
      if ('contents' in node) writeFileSync(path, left(node, contents))
      else {
        mkdirSync(path, { recursive: true })
        for (const [name, child] of names ? node.entries : node.synced) put(child, join(path, name))
      }
    }
    put(this.#top, target)
  }

  #find(path: string): File | Folder {
    let node: File | Folder = this.#top
    for (const name of relative(this.#root, path).split(sep).filter(Boolean)) {
      const next: File | Folder | undefined = 'entries' in node ? node.entries.get(name) : undefined
      if (!next) throw new Error(`the record knows no ${path}`)
      node = next
    }
    return node
  }
}

function changed(contents: Buffer, operation: Operation): Buffer {
  if (operation.type === 'cut') return resized(contents, operation.length)
  if (operation.type !== 'write') throw new Error(`a ${operation.type} changes no file`)
  const { at, bytes } = operation
  const result = resized(contents, Math.max(contents.length, at + bytes.length))
  result.set(bytes, at)
  return result
}

function resized(contents: Buffer, length: number): Buffer {
  const result = Buffer.alloc(length)
  contents.copy(result)
  return result
}

function left({ contents, synced }: File, leftover: Leftover['contents']): Buffer {
  if (leftover === 'all' || contents === synced) return contents
  return leftover === 'none' ? synced : contents.subarray(0, contents.length >> 1)
}

function snapshot(path: string): Folder {
  const entries = new Map<string, File | Folder>()
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) entries.set(entry.name, snapshot(child))
    else {
      const contents = readFileSync(child)
      entries.set(entry.name, { contents, synced: contents })
    }
  }
  return { entries, synced: new Map(entries) }
}
