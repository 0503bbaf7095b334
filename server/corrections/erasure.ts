/**
 * Erasing from the disk what was taken back. When its row is deleted, a drawing is still in the write-ahead log, in the weights of
 * versions that have learned from it, and in the checkpoint of a round. That there is something to erase is noted in the transaction that
 * deletes, and crossed out when it is done: what fails or is interrupted is done at the next try, also after a restart.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from '../http/problem.ts'
import { sweepCheckpoints, versionsFolder } from '../learning/task.ts'
import { removeVersion, sweepVersions } from '../models/versions.ts'
import type { Database } from '../store/database.ts'
import { retiredVersions } from '../store/forgetting.ts'

/** The row of the store's table `secrets` that says that there is something to erase. An earlier release leaves it alone. */
const NAME = 'erase'

/** How long another process that reads the store is waited for, and the time between two tries, ms. */
const [PATIENCE, PAUSE] = [4000, 50]

/** Time after which what failed is tried again, ms. */
const RETRY = 5000

export interface ErasureParts {
  readonly database: Database
  readonly state: string // the state directory
  /** Ends what still uses what was taken back. Gives the round under way whose checkpoint stays, if there is one. */
  readonly settle: () => Promise<number | undefined>
  readonly patience?: number // ms, PATIENCE unless given
  readonly retry?: number // ms, RETRY unless given
}

export interface Erasure {
  /** Notes that there is something to erase. Call it in the transaction that deletes. */
  note(): void
  /** At the start, while nothing learns: removes what an interrupted round left. It is not the end of what there is to erase. */
  begin(): void
  /**
   * Erases what there is to erase. Resolves when nothing of it is on disk.
   * @throws BusyError 503: not_erased while another process reads the store, or as the methods of Database; it is tried again later
   */
  finish(): Promise<void>
  close(): void
}

export function createErasure({ database, state, settle, patience = PATIENCE, retry = RETRY }: ErasureParts): Erasure {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let closed = false

  const noted = () => database.get<{ value: Uint8Array }>('SELECT value FROM secrets WHERE name = ?', NAME)?.value

  async function erase(note: Uint8Array): Promise<void> {
    const round = await settle()
    if (closed) throw notErased() // at the next start
    for (const { model, version } of retiredVersions(database)) removeVersion(versionsFolder(state), model, version)
    sweepCheckpoints(state, (one) => one !== round)
    for (let waited = 0; closed || !database.scrub(); waited += PAUSE) {
      if (closed || waited >= patience) throw notErased()
      await sleep(PAUSE)
    }
    // not what was noted meanwhile
    const done = () => database.run('DELETE FROM secrets WHERE name = ? AND value = ?', NAME, note)
    database.transaction(done, 0)
  }

  async function finish(): Promise<void> {
    clearTimeout(timer)
    try {
      for (let note = noted(); note; note = noted()) {
        running ??= erase(note).finally(() => {
          running = undefined
        })
        await running
      }
    } catch (error) {
      clearTimeout(timer)
      if (!closed) timer = setTimeout(() => void finish().catch(() => {}), retry).unref()
      throw error
    }
  }

  return {
    begin() {
      const kept = `SELECT version FROM versions WHERE kept = 1 AND model = ?`
      const versionsOf = (model: string) => database.all<{ version: number }>(kept, model).map(({ version }) => version)
      if (noted()) sweepVersions(versionsFolder(state), versionsOf)
    },
    note: () => void database.run('INSERT OR REPLACE INTO secrets (name, value) VALUES (?, randomblob(8))', NAME),
    finish,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

function notErased(): BusyError {
  const detail = 'it is used no more, but another program reads the store, so that it is not overwritten on disk yet'
  return new BusyError(503, 'not_erased', detail, RETRY / 1000)
}
