/** Writes files that exist whole or not at all, also after a power cut. */

import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file under a temporary name, then renames it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`
  writeFileSync(temporary, content)
  moveWhole(temporary, path)
}

/** Writes a file whose bytes are on disk when this returns; its name is not, nor is it whole before. */
export function writeSynced(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content)
  sync(path, 'r+')
}

/** Renames a finished file: its bytes reach the disk first, then its name does. */
export function moveWhole(from: string, to: string): void {
  sync(from, 'r+')
  renameSync(from, to)
  syncFolder(dirname(to))
}

// What a system says that cannot sync folders: some of Android's storage may not even open them. A disk that fails says EIO.
const NO_FOLDER_SYNC = ['EINVAL', 'EACCES', 'EPERM', 'EISDIR', 'ENOSYS', 'ENOTSUP']

/** Writes the names in a folder to disk, where the system can do that. */
export function syncFolder(path: string): void {
  try {
    sync(path, 'r')
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
