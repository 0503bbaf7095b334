/**
 * Whether the files that a store has open are still those at its path. SQLite does not ask: it goes on writing to files that were
 * deleted or replaced, and reads a file that was cut as if its pages were empty.
 */

import { existsSync, renameSync, statSync } from 'node:fs'

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

  /** Forgets the log and its index, which are deleted when the store is closed. */
  closed(): void {
    this.#beside = []
  }

  /** What has changed since they were remembered; undefined for nothing, or where none were. Costs a call of the system for each. */
  change(): FileChange | undefined {
    if (this.#store === '') return undefined
    const { identity, size } = look(this.#path)
    if (identity === '') return 'deleted'
    if (identity !== this.#store) return 'replaced'
    if (size < this.#size) return 'cut'
    this.#size = size
    const gone = this.#beside.some((known, i) => known !== '' && look(this.#path + BESIDE[i]).identity !== known)
    return gone ? 'log' : undefined
  }

  /**
   * Closes files that are not at the path any more by `close`. SQLite deletes the log by its name then: one that belongs to another
   * store is out of the way meanwhile.
   */
  leave(close: () => void): void {
    const log = `${this.#path}-wal`
    const { identity } = look(log)
    const foreign = identity !== '' && identity !== this.#beside[0]
    if (foreign) renameSync(log, awayName(this.#path))
    close()
    this.#beside = []
    restoreLog(this.#path)
  }
}

/** Puts back the log that `leave` had moved out of the way when the process was killed. */
export function restoreLog(path: string): void {
  if (existsSync(awayName(path))) renameSync(awayName(path), `${path}-wal`)
}

function awayName(path: string): string {
  return `${path}-wal.away`
}

// Numbers of files may have 64 bits.
function look(path: string): { readonly identity: string; readonly size: bigint } {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? { identity: `${stats.dev} ${stats.ino}`, size: stats.size } : { identity: '', size: 0n }
}
