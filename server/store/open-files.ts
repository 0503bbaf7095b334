/**
 * Whether the files that a store has open are still those at its path. SQLite does not ask: it goes on writing to files that were
 * deleted or replaced, and reads a file that was cut as if its pages were empty.
 */

import { rmSync, statSync } from 'node:fs'
import { DISK_ERROR } from './storage.ts'

/**
 * What somebody did to them: deleted the store, put another in its place, cut it short, or deleted or replaced the log beside it or
 * the index of that.
 */
export type FileChange = 'deleted' | 'replaced' | 'cut' | 'log'

/** The log and its index, which SQLite makes beside the store. */
const BESIDE = ['-wal', '-shm'] as const

export class OpenFiles {
  readonly #path: string
  #store = '' // device and number of the file
  #size = 0n // bytes it had at least: without a vacuum it never shrinks
  #beside: readonly string[] = []

  constructor(path: string) {
    this.#path = path
  }

  /** Remembers the files that are open now. */
  remember(): void {
    const { identity, size } = look(this.#path)
    this.#store = identity
    this.#size = size
    this.#beside = BESIDE.map((part) => look(this.#path + part).identity)
  }

  /**
   * @param open whether the log and its index are open too: they are deleted when the store is closed
   * @returns what has changed since they were remembered; undefined for nothing, or where none were. Costs a call of the system for each
   * @throws Error with SQLite's code of an error of the disk
   */
  change(open: boolean): FileChange | undefined {
    if (this.#store === '') return undefined
    const { identity, size } = look(this.#path)
    if (identity === '') return 'deleted'
    if (identity !== this.#store) return 'replaced'
    if (size < this.#size) return 'cut'
    this.#size = size
    const gone =
      open && this.#beside.some((known, i) => known !== '' && look(this.#path + BESIDE[i]).identity !== known)
    return gone ? 'log' : undefined
  }

  /**
   * To be called when another store is at the path and the one before is closed: removes the log of that one, whose changes would be
   * put into the other. SQLite leaves it there, for it deletes nothing beside a store that was moved.
   */
  removeLog(): void {
    for (const [i, part] of BESIDE.entries()) {
      const known = this.#beside[i] ?? ''
      if (known !== '' && look(this.#path + part).identity === known) rmSync(this.#path + part, { force: true })
    }
    this.#beside = []
  }
}

// Numbers of files may have 64 bits. What the system cannot say is an error of the disk, as SQLite would report it.
function look(path: string): { readonly identity: string; readonly size: bigint } {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats) return { identity: `${stats.dev} ${stats.ino}`, size: stats.size }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOTDIR') throw Object.assign(new Error(message), { errcode: DISK_ERROR })
  }
  return { identity: '', size: 0n }
}
