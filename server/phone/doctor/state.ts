/** Checks of the state directory: whether it can be written, who has it, and whether its store is whole. */

import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storeFile } from '../../corrections/store.ts'
import { stateHolder } from '../../files/state-directory.ts'
import { asideName } from '../../store/storage.ts'
import { type Finding, fault, ok } from './finding.ts'

/**
 * Whether a server could write there, tried with a file that is removed at once. A folder that does not exist is not made.
 * @param running whether a server answers at the port: it then has the lock
 */
export function checkState(path: string, running: boolean): Finding {
  const name = 'state'
  const expected = 'a folder that this user can write'
  const elsewhere = 'inkling serve --state ~/inkling-state'
  let holder: ReturnType<typeof stateHolder>
  try {
    tryWriting(path)
    holder = stateHolder(path)
  } catch (error) {
    return fault('problem', name, `${path} cannot be written (${codeOf(error)})`, expected, elsewhere)
  }
  if (holder !== undefined && !running) {
    const who = holder === 'unknown' ? 'another process' : `process ${holder}`
    const remedy = holder === 'unknown' ? `fuser -v ${join(path, 'lock.db')}` : `kill ${holder}`
    const expected = 'a folder that no other process has; --port finds a server that is at another port'
    return fault('problem', name, `${path} is in use by ${who}`, expected, remedy)
  }
  return ok(name, existsSync(path) ? `${path} can be written` : `${path} can be made`)
}

/** Whether the corrections can be read. A damaged store is a warning: the shipped models answer without it. */
export function checkStore(state: string): Finding {
  const name = 'store'
  const expected = 'a store that is whole; until then corrections are refused'
  const remedy = 'inkling corrections repair'
  const file = storeFile(state)
  if (!existsSync(file)) {
    if (existsSync(asideName(file))) return fault('warning', name, 'it was damaged, and is put aside', expected, remedy)
    return ok(name, 'nothing was taught yet')
  }
  try {
    const damage = examine(file)
    return damage === undefined ? ok(name, 'whole') : fault('warning', name, `damaged: ${damage}`, expected, remedy)
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    const damaged = errcode === 11 || errcode === 26 // corrupt, not a database
    const found = `${damaged ? 'damaged' : 'cannot be read'}: ${message}`
    return fault('warning', name, found, expected, damaged ? remedy : `ls -l ${file}`)
  }
}

// Not read-only: then SQLite would leave its log and the log's index behind. Nothing is written but what the log holds already.
function examine(file: string): string | undefined {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA busy_timeout = 250')
    const [row] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
    return row?.quick_check === 'ok' ? undefined : row?.quick_check
  } finally {
    database.close()
  }
}

// A try tells more than permissions: storage may be read-only, full or gone. What does not exist would be made in the folder above.
function tryWriting(path: string): void {
  if (!existsSync(path)) {
    tryWriting(dirname(path))
    return
  }
  const file = join(path, `doctor-${process.pid}`)
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, 'written by inkling doctor\n')
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error)
