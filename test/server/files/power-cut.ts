/**
 * A disk as a power cut leaves it. Names and contents are safe only once they were synced: contents by a sync of the file, names by a
 * sync of their folder (POSIX promises no more). What was not synced may be there all the same, wholly or in part.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** One change to the disk, as a program asked for it. Paths are absolute. */
export type Operation =
  | { readonly type: 'write'; readonly path: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'cut'; readonly path: string; readonly length: number }
  | { readonly type: 'sync'; readonly path: string }
  | { readonly type: 'make folder'; readonly path: string }
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'rename'; readonly path: string; readonly to: string }

type Change = Extract<Operation, { type: 'write' | 'cut' }>

interface File {
  synced: Buffer
  pending: Change[] // since the last sync
}

interface Folder {
  entries: Map<string, File | Folder>
  synced: Map<string, File | Folder>
}

/** What a power cut leaves of the things not synced: names or not, and which of the changes to contents. */
export interface Leftover {
  readonly names: boolean
  readonly changes: 'all' | 'the first half' | 'the second half' | 'none'
}

export const LEFTOVERS: readonly Leftover[] = [true, false].flatMap((names) =>
  (['all', 'the first half', 'the second half', 'none'] as const).map((changes) => ({ names, changes })),
)

/** What is on disk: contents of files and undefined for folders, by their path. */
export type Tree = ReadonlyMap<string, Buffer | undefined>

/** The disk below a folder, as it is after some operations. */
export class Disk {
  readonly #root: string
  readonly #top: Folder

  /** @param root a folder of the real file system; what it holds now counts as synced */
  constructor(root: string) {
    this.#root = root
    this.#top = snapshot(root)
  }

  apply(operation: Operation): void {
    const { path } = operation
    if (operation.type === 'sync') {
      const node = this.#find(path)
      if ('pending' in node) Object.assign(node, { synced: applied(node.synced, node.pending), pending: [] })
      else node.synced = new Map(node.entries)
      return
    }
    const { entries } = this.#find(dirname(path)) as Folder
    const name = basename(path)
    if (operation.type === 'remove') entries.delete(name)
    else if (operation.type === 'make folder') entries.set(name, { entries: new Map(), synced: new Map() })
    else if (operation.type === 'rename') {
      const node = this.#find(path)
      entries.delete(name)
      ;(this.#find(dirname(operation.to)) as Folder).entries.set(basename(operation.to), node)
    } else {
      const file = (entries.get(name) ?? { synced: Buffer.alloc(0), pending: [] }) as File
      entries.set(name, file)
      file.pending.push(operation)
    }
  }

  /** What a power cut now would leave; paths are relative to the root. */
  afterPowerCut({ names, changes }: Leftover): Tree {
    const tree = new Map<string, Buffer | undefined>()
    const add = (folder: Folder, path: string) => {
      for (const [name, node] of names ? folder.entries : folder.synced) {
        const child = join(path, name)
        if ('pending' in node) tree.set(child, applied(node.synced, kept(node.pending, changes)))
        else {
          tree.set(child, undefined)
          add(node, child)
        }
      }
    }
    add(this.#top, '')
    return tree
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

/** Writes a tree into a folder of the real file system. */
export function writeTree(folder: string, tree: Tree): void {
  for (const [path, contents] of tree) {
    if (contents) writeFileSync(join(folder, path), contents)
    else mkdirSync(join(folder, path))
  }
}

// Of an odd number of changes the one in the middle is torn: the first half of its bytes belongs to the first half.
function kept(pending: readonly Change[], changes: Leftover['changes']): readonly Change[] {
  if (changes === 'all') return pending
  if (changes === 'none') return []
  const middle = pending.length >> 1
  if (changes === 'the second half') return pending.slice(middle + (pending.length % 2))
  const torn = pending.length % 2 === 1 ? pending[middle] : undefined
  const half = torn?.type === 'write' ? [{ ...torn, bytes: torn.bytes.subarray(0, torn.bytes.length >> 1) }] : []
  return [...pending.slice(0, middle), ...half]
}

function applied(contents: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((before, change) => {
    const end = change.type === 'cut' ? change.length : Math.max(before.length, change.at + change.bytes.length)
    const after = Buffer.alloc(end)
    before.copy(after)
    if (change.type === 'write') after.set(change.bytes, change.at)
    return after
  }, contents)
}

function snapshot(path: string): Folder {
  const entries = new Map<string, File | Folder>()
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    entries.set(entry.name, entry.isDirectory() ? snapshot(child) : { synced: readFileSync(child), pending: [] })
  }
  return { entries, synced: new Map(entries) }
}
