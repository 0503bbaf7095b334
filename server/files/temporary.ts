/** A folder for what a command makes and deletes again. */

import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataDirectory } from '../dataset/directory.ts'

/** A new folder in the system's temporary folder or, where that does not exist, as on Android outside of Termux, in the user's data. */
export function temporaryFolder(data = dataDirectory({ ...process.env, INKLING_DATA: '' })): string {
  try {
    return mkdtempSync(join(tmpdir(), 'inkling-'))
  } catch {
    mkdirSync(data, { recursive: true })
    return mkdtempSync(join(data, 'inkling-'))
  }
}
